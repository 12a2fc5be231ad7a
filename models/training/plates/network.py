"""
A small anchor-free detector of license plates: NanoDet-g's body up to stride 16, a light stage at
stride 32, a top-down pyramid, heads at strides 4, 8, 16 and 32.

A head gives a cell five numbers (score; left, top, right, bottom from the cell's centre in px of
the input) and eight more: x, y of the plate's corners from the cell's centre in px, clockwise from
the one at the top left.
"""
import torch
from torch import nn
from torch.nn import functional as F

from ..shared.nanodet import Body

STRIDES = (4, 8, 16, 32)


class Separable(nn.Module):
    """Depthwise, then pointwise convolution, each with batch norm and leaky ReLU."""

    def __init__(self, c_in, c_out, kernel=3, stride=1):
        super().__init__()
        self.dw = nn.Conv2d(c_in, c_in, kernel, stride, kernel // 2, groups=c_in, bias=False)
        self.bn1 = nn.BatchNorm2d(c_in)
        self.pw = nn.Conv2d(c_in, c_out, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)

    def forward(self, x):
        x = F.leaky_relu(self.bn1(self.dw(x)), 0.1)
        return F.leaky_relu(self.bn2(self.pw(x)), 0.1)


class Lateral(nn.Module):
    """Brings a level's features to the pyramid's width."""

    def __init__(self, c_in, c_out):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, 1, bias=False)
        self.bn = nn.BatchNorm2d(c_out)

    def forward(self, x):
        return F.leaky_relu(self.bn(self.conv(x)), 0.1)


class PlateNet(nn.Module):
    """
    [n, 3, H, W], H and W multiples of 32 -> a map [n, 13, H / s, W / s] for each stride s; scores
    are logits.
    """

    def __init__(self, width=48):
        super().__init__()
        self.body = Body()
        self.s32 = nn.Sequential(Separable(256, 160, 5, 2), Separable(160, 160, 5))
        self.lateral = nn.ModuleList(Lateral(c, width) for c in (64, 128, 256, 160))
        self.smooth = nn.ModuleList(Separable(width, width) for _ in range(3))
        self.tower = nn.ModuleList(Separable(width, width, 5) for _ in STRIDES)
        self.out = nn.ModuleList(nn.Conv2d(width, 5, 1) for _ in STRIDES)
        self.corners = nn.ModuleList(nn.Conv2d(width, 8, 1) for _ in STRIDES)
        for out, corners in zip(self.out, self.corners):
            nn.init.normal_(out.weight, std=0.01)
            nn.init.constant_(out.bias, 1.5)
            nn.init.constant_(out.bias[:1], -4.6)  # a score of 0.01
            nn.init.normal_(corners.weight, std=0.01)
            nn.init.zeros_(corners.bias)

    def features(self, x):
        """The pyramid's four levels, finest first."""
        _, *levels = self.body(x)
        levels.append(self.s32(levels[-1]))
        levels = [lateral(level) for lateral, level in zip(self.lateral, levels)]
        for i in (2, 1, 0):
            above = F.interpolate(levels[i + 1], scale_factor=2.0, mode="nearest")
            levels[i] = self.smooth[i](levels[i] + above)
        return [tower(level) for tower, level in zip(self.tower, levels)]

    def heads(self, features):
        """
        Maps from features; half a cell of negative distance is allowed, for a plate may be lower
        than a cell.
        """
        maps = []
        for out, corners, level, stride in zip(self.out, self.corners, features, STRIDES):
            y = out(level)
            maps.append(torch.cat((y[:, :1], (F.softplus(y[:, 1:]) - 0.5) * stride, corners(level) * stride), 1))
        return maps

    def forward(self, x):
        return self.heads(self.features(x))


class Deployed(nn.Module):
    """What is exported: s4 .. s32 with [score 0..1, distances] and c4 .. c32 with the corners."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        maps = self.net(x)
        boxes = tuple(torch.cat((torch.sigmoid(m[:, :1]), m[:, 1:5]), 1) for m in maps)
        return boxes + tuple(m[:, 5:] for m in maps)
