"""Lays drawn plates over a photo, in perspective and in the light of the place."""
import cv2
import numpy as np


def paste(rng, image, box, pool):
    """
    Draws a plate of `pool` over `box` of `image` (changed in place), covering it. Returns the
    plate's corners [4, 2], clockwise from the top left one, or None when none of the plates that
    were tried has a shape that fits.
    """
    plate, corners = _placed(rng, box, pool)
    if plate is None:
        return None
    height, width = image.shape[:2]
    x0, y0 = np.maximum(0, corners.min(0).astype(int) - 1)
    x1, y1 = np.minimum((width, height), corners.max(0).astype(int) + 2)
    if x1 - x0 < 3 or y1 - y0 < 2:
        return None
    h, w = plate.shape[:2]
    m = cv2.getPerspectiveTransform(np.float32([[0, 0], [w, 0], [w, h], [0, h]]), np.float32(corners - (x0, y0)))
    size = (int(x1 - x0), int(y1 - y0))
    art = cv2.warpPerspective(plate, m, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    cover = cv2.warpPerspective(np.ones((h, w), np.float32), m, size)[..., None]
    under = image[y0:y1, x0:x1]
    art = art * np.clip((under.mean() + 25) / 140 * rng.uniform(0.75, 1.3), 0.2, 1.15) + rng.uniform(-8, 8)
    if rng.random() < 0.5:
        art = cv2.GaussianBlur(art, (0, 0), rng.uniform(0.3, 0.9))
    image[y0:y1, x0:x1] = (under * (1 - cover) + art * cover).clip(0, 255).astype(np.uint8)
    return corners.astype(np.float32)


def _placed(rng, box, pool):
    """
    A plate of about the box's shape and where its corners go: a third of them tilted, as on
    motorcycles.
    """
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    for _ in range(6):
        plate = pool[int(rng.integers(len(pool)))]
        aspect = plate.shape[1] / plate.shape[0] * rng.uniform(0.85, 1.15)
        if 0.5 < aspect / (w / h) < 2.2:
            break
    else:
        return None, None
    tilted = rng.random() < 0.33
    height = max(h, w / aspect) * (rng.uniform(1.15, 1.4) if tilted else rng.uniform(1.0, 1.15))
    width = height * aspect
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    corners += np.array([width, height]) * rng.uniform(-0.06, 0.06, (4, 2)) * (2 if tilted else 1)
    angle = np.deg2rad(rng.normal(0, 18 if tilted else 3))
    corners = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners += ((x0 + x1) / 2, (y0 + y1) / 2)
    if height / plate.shape[0] < 0.7:
        plate = cv2.resize(plate, (max(2, int(width)), max(2, int(height))), interpolation=cv2.INTER_AREA)
    return plate, corners
