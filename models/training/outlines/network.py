"""
U-Net on NanoDet-g's body that answers: which pixels of this crop belong to THE object of the box?

Input  [n, 4, 128, 128]: R, G, B as value / 63.75 - 2 (0 outside the photo) and the box: +1 inside a
person's, -1 inside a vehicle's, 0 around it.
Output [n, 1, 64, 64]: logits of the same crop at half the resolution.
"""
import torch
from torch import nn
from torch.nn import functional as F

from ..shared.nanodet import Body

SIZE = 128  # side of the input, px
OUT = 64  # side of the output
MARGIN = 0.2  # the box is grown by this fraction of its side, on every side
MEAN, STD = (127.5,) * 3, (63.75,) * 3


def conv(c_in, c_out, kernel=3, stride=1):
    """Convolution, batch norm, ReLU."""
    layers = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(True)
    return nn.Sequential(*layers)


class Up(nn.Module):
    """Doubles the resolution and adds the body's features of that level."""

    def __init__(self, c_in, c_skip, c_out):
        super().__init__()
        self.narrow = nn.Conv2d(c_in, c_out, 1)
        self.lateral = nn.Conv2d(c_skip, c_out, 1)
        self.mix = conv(c_out, c_out)

    def forward(self, x, skip):
        x = F.interpolate(self.narrow(x), scale_factor=2.0, mode="nearest")
        return self.mix(F.relu(x + self.lateral(skip)))


class OutlineNet(nn.Module):
    """1.5 million weights; see the module's doc comment for input and output."""

    def __init__(self, slope=0.0):
        super().__init__()
        self.body = Body(channels=4, slope=slope)
        self.s32 = nn.Sequential(conv(256, 128, 3, 2), conv(128, 128))
        self.u16 = Up(128, 256, 128)
        self.u8 = Up(128, 128, 96)
        self.u4 = Up(96, 64, 64)
        self.u2 = Up(64, 32, 24)
        self.head = nn.Conv2d(24, 1, 3, 1, 1)

    def forward(self, x):
        c2, c4, c8, c16 = self.body(x)
        y = self.u4(self.u8(self.u16(self.s32(c16), c16), c8), c4)
        return self.head(self.u2(y, c2).float())
