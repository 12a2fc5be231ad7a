"""Losses that several networks use. Logits and targets 0..1 are [n, 1, H, W]."""
import torch
from torch.nn import functional as F


def weighted_bce(logits, target, positive=1.0, weight=None):
    """
    Mean binary cross-entropy; what belongs to an object counts `positive` times, each cell `weight`
    times.
    """
    each = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * (1 + (positive - 1) * target)
    return each.mean() if weight is None else (each * weight).sum() / weight.sum().clamp(min=1)


def tversky(logits, target, missed=0.7, weight=None):
    """
    1 - Tversky index, mean over the batch (Salehi et al. 2017): `missed` is the price of a missed
    cell, 1 - missed that of a cell too much; 0.5 makes it the Dice loss.
    """
    p = torch.sigmoid(logits)
    if weight is not None:
        p, target = p * weight, target * weight
    hit = (p * target).sum((1, 2, 3))
    lost = ((1 - p) * target).sum((1, 2, 3))
    extra = (p * (1 - target)).sum((1, 2, 3))
    return (1 - (hit + 1) / (hit + missed * lost + (1 - missed) * extra + 1)).mean()
