"""The loss of the plate detector."""
import torch
from torch.nn import functional as F

from .network import STRIDES

INWARDS = torch.tensor([1.0, 1.0, -1.0, -1.0])


def objective(maps, targets, inside):
    """
    Quality focal loss on the score (its goal is the root of the IoU), GIoU, relative error of the
    edges (an edge inside the plate costs `inside` times one outside: better too large than a digit
    showing), of the corners where they are known. Each is a sum over the answering cells divided by
    their number.
    """
    parts, count = torch.zeros(4), 0
    for m, stride, (weight, cells, rows) in zip(maps, STRIDES, targets):
        goal = torch.zeros_like(m[:, 0])
        if len(cells):
            n, y, x = torch.from_numpy(cells.T.copy())
            centre = torch.stack((x + 0.5, y + 0.5), 1) * stride
            rows = torch.from_numpy(rows)
            iou, boxes, edges = _boxes(m[n, 1:5, y, x], centre, rows[:, :4], inside)
            parts = parts + torch.stack((torch.zeros(()), boxes, edges, _corners(m[n, 5:, y, x], centre, rows)))
            goal[n, y, x] = iou.clamp(0.04, 1).sqrt()
            count += len(cells)
        off = (goal - torch.sigmoid(m[:, 0])).abs().pow(2) * torch.from_numpy(weight)
        score = F.binary_cross_entropy_with_logits(m[:, 0], goal, reduction="none") * off
        parts = parts + torch.stack((score.sum(), *[torch.zeros(())] * 3))
    score, boxes, edges, corners = parts / max(1, count)
    return score + 2 * boxes + edges + corners, dict(score=score, giou=boxes, edges=edges, corners=corners)


def _boxes(distances, centre, truth, inside):
    p = torch.cat((centre - distances[:, :2], centre + distances[:, 2:]), 1)
    size, own = truth[:, 2:] - truth[:, :2], (p[:, 2:] - p[:, :2]).clamp(min=0.1)
    shared = (torch.min(p[:, 2:], truth[:, 2:]) - torch.max(p[:, :2], truth[:, :2])).clamp(min=0).prod(1)
    union = own.prod(1) + size.prod(1) - shared
    hull = (torch.max(p[:, 2:], truth[:, 2:]) - torch.min(p[:, :2], truth[:, :2])).prod(1)
    iou = shared / union
    giou = (1 - iou + (hull - union) / hull.clamp(min=1)).sum()
    off = (p - truth) / size.repeat(1, 2) * INWARDS
    off = torch.where(off > 0, off * inside, off)
    return iou.detach(), giou, F.smooth_l1_loss(off, torch.zeros_like(off), beta=0.1, reduction="sum")


def _corners(offsets, centre, rows):
    known = ~torch.isnan(rows[:, 5])
    if not known.any():
        return offsets.sum() * 0
    truth = rows[known, 5:].view(-1, 4, 2)
    height = (truth[:, 3] - truth[:, 0]).norm(dim=1).clamp(min=2).view(-1, 1, 1)
    off = (offsets[known].view(-1, 4, 2) + centre[known].unsqueeze(1) - truth) / height
    return F.smooth_l1_loss(off, torch.zeros_like(off), beta=0.1, reduction="sum") / 2
