"""What the training loop needs to know of the outline network."""
import sys

import cv2
import numpy as np
import torch

from ..shared.losses import tversky, weighted_bce
from ..shared.nanodet import load_published, set_slope
from ..shared.run import load_average
from .boxes import BoxErrors
from .crops import is_held, load
from .evaluate import figures
from .network import MEAN, SIZE, STD, OutlineNet
from .sample import training_sample

DEFAULTS = {
    "batch": 32,
    "steps": 40000,
    "rate": 1.5e-3,
    "body_rate": 0.25,  # share of the rate for the body, which has seen COCO
    "positive": 1.5,
    "missed": 0.7,
    "more": None,  # a list of further folders of crops
    "watched": None,  # a folder of crops that are not trained on; without it the held photos
}
SLOPE_STEPS = 2000  # the body's leaky ReLU becomes ReLU over these steps

# How often a class is drawn, per crop: bicycles are few and of little use, persons many.
CLASS_WEIGHT = {"person": 0.7, "bicycle": 0.8}


def build(options):
    """The network, its body filled with NanoDet-g's published weights when their path is given."""
    net = OutlineNet()
    if options.get("published"):
        load_published(net.body, options["published"], MEAN, STD)
    if options.get("start"):
        net.load_state_dict(torch.load(options["start"], map_location="cpu")["ema"])
    return net


def before_step(net, step, options):
    """
    The published body's leaky ReLU turns into ReLU while the network learns; INT8 computes that
    faster.
    """
    set_slope(net.body, 0.1 * max(0.0, 1 - step / SLOPE_STEPS) if options.get("published") else 0.0)


class Batches:
    """
    Draws batches from the crops of a folder (a photo under a non-commercial licence is refused).
    """

    def __init__(self, options):
        folders = [options["data"], *(options.get("more") or [])]
        self.records, self.data = load(folders, options["cache"])
        barred = [record["name"] for record in self.records if "NC" in record.get("photo_licence", "").upper()]
        if barred:
            raise ValueError(f"{len(barred)} crops are under a non-commercial licence, as {barred[0]}")
        held = np.array([is_held(record) for record in self.records])
        self.train, self.held = np.where(~held)[0], np.where(held)[0]
        weight = np.array([CLASS_WEIGHT.get(self.records[i]["class"], 1.4) for i in self.train])
        self.weight = weight / weight.sum()
        self.errors = BoxErrors()
        self.size = options["batch"]
        self.watched = options.get("watched")
        self.cache = options["cache"]

    def draw(self, rng, step):
        """Inputs [n, 4, SIZE, SIZE], targets and weights [n, 1, OUT, OUT]."""
        chosen = rng.choice(self.train, self.size, p=self.weight)
        pairs = [training_sample(rng, self.data, self.records, int(i), self.errors) for i in chosen]
        x, target, weight = (torch.from_numpy(np.stack(part)) for part in zip(*pairs))
        return x.contiguous(memory_format=torch.channels_last), target, weight

    def watch_set(self):
        """Records and frames of what watches the training."""
        if not self.watched:
            return [self.records[i] for i in self.held], [self.data[i] for i in self.held]
        records, kept = load([self.watched], self.cache)
        return records[::4], [kept[i] for i in range(0, len(kept), 4)]


def loss(net, batch, options):
    """Cross-entropy, in which a missed cell costs more, and Tversky loss by object."""
    x, target, weight = batch
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(x)
    logits = logits.float()
    cross = weighted_bce(logits, target, options["positive"], weight)
    missed = tversky(logits, target, options["missed"], weight)
    return cross + missed, {"cross": float(cross.detach()), "tversky": float(missed.detach())}


def watch(net, batches):
    """Figures on photos that are not trained on."""
    records, data = batches.watch_set()
    return figures(net, records, data, seed=7)


def export_example():
    """An input of the right shape, and the names that the manifest uses."""
    return torch.zeros(1, 4, SIZE, SIZE), ["crop"], ["mask"], {"crop": {0: "n"}, "mask": {0: "n"}}


def deployed(net):
    """What is exported: the network as it is."""
    return net


def evaluate(run, data, cache):
    """Figures on a folder of crops of a run, or of any ONNX file with the same input and output."""
    records, kept = load([data], cache)
    net = OnnxNet(run) if run.endswith(".onnx") else load_average(sys.modules[__name__], run)[0]
    return figures(net, records, kept)


class OnnxNet:
    """An ONNX file in place of a network of torch, computed by OpenCV."""

    def __init__(self, path):
        self.net = cv2.dnn.readNetFromONNX(path)

    def __call__(self, x):
        self.net.setInput(x.numpy())
        return torch.from_numpy(self.net.forward())

    def eval(self):
        """As torch's; there is nothing to switch."""
        return self
