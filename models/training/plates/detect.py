"""Finds plates with a network, as the engine does, and counts what it finds."""
import cv2
import numpy as np
import torch

from ..shared.nanodet import MEAN, STD
from .network import STRIDES

FLOOR, NMS_IOU, INSIDE = 0.1, 0.45, 0.85
MAX_ENLARGE = 2.0
FALSE = (0.15, 0.3, 0.6)  # false boxes a photo at which recall is given


def to_input(images):
    """uint8 [n, H, W, 3] -> normalised float32 [n, 3, H, W]."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
    return ((x - mean) / std).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def detect(net, image, long_side=640):
    """Rows x1, y1, x2, y2, score in px of the image (RGB), best first."""
    h, w = image.shape[:2]
    scale = min(long_side / max(h, w), MAX_ENLARGE)
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    x = cv2.resize(np.ascontiguousarray(image), size, interpolation=how)
    x = cv2.copyMakeBorder(x, 0, -size[1] % 32, 0, -size[0] % 32, cv2.BORDER_CONSTANT, value=(114,) * 3)
    rows = []
    for m, stride in zip(net(to_input(x[None])), STRIDES):
        m = m[0].numpy()
        score = 1 / (1 + np.exp(-m[0]))
        y, x = np.nonzero(score > FLOOR)
        cx, cy, d = (x + 0.5) * stride, (y + 0.5) * stride, m[1:5, y, x]
        rows.append(np.stack([cx - d[0], cy - d[1], cx + d[2], cy + d[3], score[y, x]], 1))
    return suppress(np.concatenate(rows) / [size[0] / w, size[1] / h, size[0] / w, size[1] / h, 1])


def suppress(rows):
    """Drops a box that overlaps a better one (IoU), or lies in it."""
    rows, kept = rows[np.argsort(-rows[:, 4])][:2000], []
    while len(rows):
        best, rows = rows[0], rows[1:]
        kept.append(best)
        shared = intersection(best, rows)
        own = area(rows)
        rows = rows[(shared / (area(best) + own - shared) < NMS_IOU) & (shared / np.maximum(own, 1e-6) < INSIDE)]
    return np.array(kept).reshape(-1, 5)


def intersection(box, boxes):
    """Shared areas, square px."""
    w = np.minimum(box[2], boxes[:, 2]) - np.maximum(box[0], boxes[:, 0])
    h = np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1])
    return w.clip(0) * h.clip(0)


def area(boxes):
    """Areas, square px."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def figures(net, photos):
    """
    Recall at IoU 0.5 where so many false boxes a photo are found: for `photos`, pairs of an image
    and its plates [k, 5], every plate labelled. A box is false when less than half of the smaller
    of it and any plate is shared.
    """
    net.eval()
    hits, false, count = [], [], 0
    for image, plates in photos:
        found, truth = detect(net, image), plates[plates[:, 4] == 0]
        count += len(truth)
        for plate in truth:
            shared = intersection(plate, found)
            fits = shared / np.maximum(area(plate) + area(found) - shared, 1e-6) >= 0.5
            hits.append(found[fits, 4].max() if fits.any() else 0.0)
        for box in found:
            shared = intersection(box, plates)
            if not len(plates) or (shared / np.minimum(area(box), area(plates)).clip(1e-6)).max() < 0.5:
                false.append(box[4])
    false, out = np.sort(false)[::-1], {"plates": count}
    for rate in FALSE:
        allowed = int(rate * len(photos))
        threshold = false[allowed] if allowed < len(false) else FLOOR
        out[f"recall_{rate}"] = float(np.mean(np.array(hits) > threshold))
        out[f"threshold_{rate}"] = float(threshold)
    return out
