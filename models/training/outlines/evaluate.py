"""How well outlines cover their objects, for boxes as the detectors give them."""
import numpy as np
import torch

from .boxes import BoxErrors
from .sample import plain_sample

AREAS = (1.2, 1.35, 1.5)  # covered area, as a multiple of the objects' own


@torch.no_grad()
def answers(net, records, data, seed):
    """
    Probabilities and targets, float32 [n, OUT, OUT]; `net` maps inputs to logits, both torch
    tensors.
    """
    errors, rng = BoxErrors(), np.random.default_rng(seed)
    probability, target = [], []
    for k in range(0, len(records), 32):
        rows = range(k, min(k + 32, len(records)))
        pairs = [plain_sample(data, records[i], i, errors.draw(rng, records[i]["type"])) for i in rows]
        x = torch.from_numpy(np.stack([pair[0] for pair in pairs]))
        probability.append(torch.sigmoid(net(x)).numpy()[:, 0])
        target.append(np.stack([pair[1][0] for pair in pairs]))
    return np.concatenate(probability), np.concatenate(target)


def at_threshold(probability, target, threshold):
    """By object: fraction of its pixels covered, covered area and own area (cells)."""
    mask = probability > threshold
    own = np.maximum(target.sum((1, 2)), 1e-3)
    return (mask * target).sum((1, 2)) / own, mask.sum((1, 2)), own


def threshold_for_area(probability, target, area):
    """
    The threshold at which the covered area is `area` times the objects' own, mean over objects.
    """
    low, high = 0.001, 0.999
    for _ in range(14):
        middle = (low + high) / 2
        _, covered, own = at_threshold(probability, target, middle)
        low, high = (middle, high) if np.mean(covered / own) > area else (low, middle)
    return (low + high) / 2


def figures(net, records, data, seed=7):
    """
    IoU at 0.5, and at each covered area the fraction of objects of which 90 % is covered (the
    product's measure of "covered"), for persons (p) and vehicles (v).
    """
    net.eval()
    probability, target = answers(net, records, data, seed)
    out = {}
    for letter, kind in (("p", "person"), ("v", "vehicle")):
        rows = np.array([record["type"] == kind for record in records])
        if not rows.any():
            continue
        p, t = probability[rows], target[rows]
        hit = np.minimum(p > 0.5, t).sum((1, 2))
        out[f"{letter}_iou"] = float(np.mean(hit / np.maximum(np.maximum(p > 0.5, t).sum((1, 2)), 1)))
        for area in AREAS:
            share, _, _ = at_threshold(p, t, threshold_for_area(p, t, area))
            out[f"{letter}_covered_{area}"] = float(np.mean(share >= 0.9))
    return out
