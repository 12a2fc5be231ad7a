"""What the training loop needs to know of the plate detector."""
import sys

import numpy as np
import torch

from ..shared.nanodet import load_published
from ..shared.run import load_average
from .art import Artist
from .detect import figures, to_input
from .network import STRIDES, Deployed, PlateNet
from .objective import objective
from .photos import Photos, first_images, plate_photos
from .sample import Source, training_image
from .start import load_checkpoint, load_onnx
from .targets import targets

DEFAULTS = {
    "steps": 20000,
    "rate": 1.5e-3,
    "body_rate": 0.25,
    "inside": 3.0,  # price of an edge inside a plate
    "clip": 10.0,
    "without": None,  # a folder of photos without plates and vehicles
    "hard": None,  # places that were taken for plates: a list of {photo, box, use}
    "drawn": 900,  # how many plates are drawn once and laid over photos
    "side": 320,  # of the images, px; every fifth step shows larger ones
    "batch": 16,
}

# Photos from which the normalisation of an exported network is restored.
SAMPLE = 32


def build(options):
    """The detector, from another run's weights or NanoDet-g's body where a path is given."""
    net = PlateNet()
    if options.get("published"):
        load_published(net.body, options["published"])
    start = options.get("start")
    if start and start.endswith(".onnx"):
        load_onnx(net, start, first_images(options["data"], SAMPLE, options["side"]))
    elif start:
        load_checkpoint(net, start)
    return net


def before_step(net, step, options):
    """Nothing changes while the detector is trained."""


class Batches:
    """Draws images with plates."""

    def __init__(self, options):
        artist, rng = Artist(), np.random.default_rng(options["seed"])
        self.source = Source(options, [artist.draw(rng) for _ in range(options["drawn"])])
        self.side, self.size = options["side"], options["batch"]

    def draw(self, rng, step):
        """Images uint8 [n, side, side, 3] and their dense targets."""
        side, size = (self.side * 7 // 5 // 32 * 32, max(1, self.size // 2)) if step % 5 == 4 else (self.side, self.size)
        images, plates = zip(*(training_image(rng, self.source, side) for _ in range(size)))
        return np.stack(images), targets(plates, side)


def loss(net, batch, options):
    """See objective.py; the body computes in bfloat16."""
    images, goal = batch
    with torch.autocast("cpu", torch.bfloat16):
        features = net.features(to_input(images))
    total, parts = objective(net.heads([feature.float() for feature in features]), goal, options["inside"])
    return total, {name: float(value.detach()) for name, value in parts.items()}


def watch(net, batches):
    """Figures on photos that are not trained on."""
    return figures(net, [batches.source.photos.read(k) for k in batches.source.held])


def export_example():
    """An input, and the names that the manifest uses; height and width are free."""
    boxes, corners = [f"s{s}" for s in STRIDES], [f"c{s}" for s in STRIDES]
    axes = {"image": {2: "height", 3: "width"}}
    axes.update({name: {2: f"height_{name}", 3: f"width_{name}"} for name in boxes + corners})
    return torch.zeros(1, 3, 256, 320), ["image"], boxes + corners, axes


def deployed(net):
    """What is exported: scores as probabilities, corners apart."""
    return Deployed(net)


def evaluate(run, data, cache):
    """Figures at one pass of 640 px on the completely labelled photos of a folder."""
    net, _ = load_average(sys.modules[__name__], run)
    records = plate_photos(data)
    photos = Photos(records, cache, "plates-evaluated")
    return figures(net, [photos.read(k) for k in range(len(photos)) if records[k]["complete"]])
