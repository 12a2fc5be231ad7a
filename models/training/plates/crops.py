"""
Cuts augmented crops out of photos. A plate is a row of 13 numbers: x1, y1, x2, y2, ignore, then x,
y of its corners, clockwise from the one at the top left (NaN where they are not known: labels are
upright boxes, drawn plates have corners).
"""
import cv2
import numpy as np

from ..shared.colour import grain, light, sharpness
from .paste import paste

GRAY = 114


def unknown(plates):
    """Rows [k, 5] as rows [k, 13] without corners."""
    return np.concatenate([plates, np.full((len(plates), 8), np.nan, np.float32)], 1)


def drawn(corners):
    """The row of a drawn plate from its corners [4, 2]."""
    return np.concatenate([corners.min(0), corners.max(0), [0], corners.reshape(-1)]).astype(np.float32)


def cut(rng, image, plates, size, scale, anchor, at):
    """
    A crop of `size` (width, height) at `scale` (x, y), the photo's point `anchor` about at the
    crop's point `at`: moved so that no more empty border shows than needed.
    """
    (width, height), (sx, sy), (cx, cy) = size, scale, anchor
    h, w = image.shape[:2]
    ax = float(np.clip(at[0], *sorted((width - (w - cx) * sx, cx * sx))))
    ay = float(np.clip(at[1], *sorted((height - (h - cy) * sy, cy * sy))))
    m = np.float32([[sx, 0, ax - cx * sx + sx / 2 - 0.5], [0, sy, ay - cy * sy + sy / 2 - 0.5]])
    border = int(rng.integers(256)) if rng.random() < 0.5 else GRAY
    if sx < 0.8:  # reduced first, against aliasing
        x0, y0 = np.maximum(0, np.floor([cx - ax / sx, cy - ay / sy]).astype(int))
        part = image[y0 : int(np.ceil(cy + (height - ay) / sy)), x0 : int(np.ceil(cx + (width - ax) / sx))]
        small = (max(1, round(part.shape[1] * sx)), max(1, round(part.shape[0] * sy)))
        part = cv2.resize(np.ascontiguousarray(part), small, interpolation=cv2.INTER_AREA)
        shift = np.float32([[1, 0, ax - (cx - x0) * sx], [0, 1, ay - (cy - y0) * sy]])
        crop = cv2.warpAffine(part, shift, size, flags=cv2.INTER_LINEAR, borderValue=(border,) * 3)
    else:
        crop = cv2.warpAffine(np.ascontiguousarray(image), m, size, flags=cv2.INTER_LINEAR, borderValue=(border,) * 3)
    plates = plates.copy()
    plates[:, [0, 2, 5, 7, 9, 11]] = (plates[:, [0, 2, 5, 7, 9, 11]] - cx) * sx + ax
    plates[:, [1, 3, 6, 8, 10, 12]] = (plates[:, [1, 3, 6, 8, 10, 12]] - cy) * sy + ay
    return crop, plates


def draw_over(rng, crop, plates, pool, often=0.25):
    """
    Replaces some plates by drawn ones where the real ones are, and now and then puts one elsewhere.
    """
    height, width = crop.shape[:2]
    for k, row in enumerate(plates):
        inside = row[2] > 0 and row[3] > 0 and row[0] < width and row[1] < height
        if inside and rng.random() < often:
            corners = paste(rng, crop, row[:4], pool)
            if corners is not None:
                plates[k] = drawn(corners)
    if rng.random() < 0.08:
        w = np.exp(rng.uniform(np.log(12), np.log(min(120, width / 2))))
        h = w / rng.uniform(1.2, 4.5)
        x, y = rng.uniform(0, max(1, width - w)), rng.uniform(height * 0.4, max(height * 0.4 + 1, height - h))
        box = np.array([x, y, x + w, y + h])
        corners = None if any(overlap(row, box) for row in plates) else paste(rng, crop, box, pool)
        if corners is not None:
            plates = np.concatenate([plates, drawn(corners)[None]])
    return crop, plates


def tilt(rng, crop, plates):
    """A small turn and perspective."""
    height, width = crop.shape[:2]
    frame = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    middle, a = np.float32([width / 2, height / 2]), np.deg2rad(rng.normal(0, 4))
    target = (frame - middle) @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) + middle
    target += rng.uniform(-0.05, 0.05, (4, 2)) * (width, height)
    m = cv2.getPerspectiveTransform(frame, np.float32(target))
    crop = cv2.warpPerspective(crop, m, (width, height), flags=cv2.INTER_LINEAR, borderValue=(GRAY,) * 3)
    if len(plates):
        known = ~np.isnan(plates[:, 5])
        points = plates[:, [0, 1, 2, 1, 2, 3, 0, 3]].copy()
        points[known] = plates[known, 5:]
        points = cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float32), m).reshape(-1, 4, 2)
        plates = np.concatenate([points.min(1), points.max(1), plates[:, 4:5], points.reshape(-1, 8)], 1)
        plates[~known, 5:] = np.nan
    return crop, plates.astype(np.float32)


def lettering(rng, crop, plates):
    """Text that is not a plate: on walls, shirts, lorries."""
    height, width = crop.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        text = "".join(chr(int(rng.integers(65, 91))) for _ in range(int(rng.integers(3, 10))))
        scale, thick = rng.uniform(0.4, 1.4), int(rng.integers(1, 4))
        (w, h), _base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
        x, y = int(rng.integers(0, max(1, width - w))), int(rng.integers(min(h, height - 1), height))
        ground = np.array([x - 4, y - h - 4, x + w + 4, y + 4])
        if any(overlap(row, ground) for row in plates):
            continue
        if rng.random() < 0.4:
            colour = tuple(int(v) for v in rng.integers(0, 256, 3))
            cv2.rectangle(crop, ground[:2].tolist(), ground[2:].tolist(), colour, -1)
        cv2.putText(crop, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, rng.integers(0, 256, 3).tolist(), thick, cv2.LINE_AA)


def look(rng, crop):
    """Light, sharpness, noise, JPEG."""
    side = crop.shape[0]
    return grain(rng, sharpness(rng, light(rng, crop), small=(0.4 * side, 0.8 * side), often=0.12))


def mirror(crop, plates):
    """Left becomes right; corners keep their order."""
    width = crop.shape[1]
    plates = plates[:, [2, 1, 0, 3, 4, 7, 8, 5, 6, 11, 12, 9, 10]].copy()
    plates[:, [0, 2, 5, 7, 9, 11]] = width - plates[:, [0, 2, 5, 7, 9, 11]]
    return np.ascontiguousarray(crop[:, ::-1]), plates


def clip(plates, size):
    """
    Boxes cut to the crop; what is mostly outside, or too small to be asked for, is neither plate
    nor background.
    """
    width, height = size
    rows = []
    for row in plates:
        box = np.clip(row[:4], 0, [width, height, width, height])
        w, h = box[2] - box[0], box[3] - box[1]
        if w < 1 or h < 1:
            continue
        share = w * h / max(1e-6, (row[2] - row[0]) * (row[3] - row[1]))
        ignore = bool(row[4]) or share < 0.4 or w < 6 or h < 2.8
        rows.append(np.concatenate([box, [float(ignore)], row[5:]]))
    return np.float32(rows).reshape(-1, 13)


def overlap(a, b):
    """Whether two boxes share an area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
