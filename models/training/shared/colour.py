"""Augmentation of an image's look; geometry stays. Images are uint8 [H, W, 3]."""
import cv2
import numpy as np


def light(rng, image):
    """
    Contrast, brightness, a colour cast, faded colours or gray, gamma; one night image in twelve.
    """
    x = image.astype(np.float32)
    if rng.random() < 0.8:
        mean = x.mean()
        x = (x - mean) * rng.uniform(0.6, 1.4) + mean * rng.uniform(0.65, 1.35)
        x *= rng.uniform(0.88, 1.12, 3).astype(np.float32)
    if rng.random() < 0.3:
        gray = x.mean(2, keepdims=True)
        x = gray + (x - gray) * np.float32(rng.choice([0.0, 0.5, 1.5]))
    x = x.clip(0, 255)
    if rng.random() < 0.25:
        gamma = rng.uniform(1.8, 3.0) if rng.random() < 0.33 else rng.uniform(0.6, 1.7)
        x = 255 * (x / 255) ** np.float32(gamma)
    return x.clip(0, 255).astype(np.uint8)


def sharpness(rng, image, small=(18, 72), often=0.3):
    """
    An image of few pixels enlarged (`often`, with `small` pixels a side), a blur, a motion, or as
    it is.
    """
    height, width = image.shape[:2]
    choice = rng.random()
    if choice < often:
        n = int(rng.uniform(*small))
        tiny = cv2.resize(image, (n, n), interpolation=cv2.INTER_AREA)
        return cv2.resize(tiny, (width, height), interpolation=cv2.INTER_LINEAR)
    if choice < often + 0.1:
        return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 2))
    if choice < often + 0.15:
        return motion(rng, image)
    return image


def motion(rng, image):
    """A straight blur of 3 to 7 px."""
    n = int(rng.choice([3, 5, 7]))
    kernel = np.zeros((n, n), np.float32)
    cv2.line(kernel, (0, int(rng.integers(n))), (n - 1, int(rng.integers(n))), 1)
    return cv2.filter2D(image, -1, kernel / kernel.sum())


def grain(rng, image):
    """Noise and JPEG."""
    if rng.random() < 0.15:
        noise = rng.normal(0, rng.uniform(2, 12), image.shape).astype(np.float32)
        image = (image + noise).clip(0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        quality = int(rng.uniform(25, 80))
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)
    return image
