"""Chooses what a training image of the plate detector shows."""
import json
import os

import numpy as np

from .crops import clip, cut, draw_over, lettering, look, mirror, tilt, unknown
from .photos import SOURCES, Photos, photos_without_plates, plate_photos


class Source:
    """
    Photos with plates, photos without, drawn plates, and places that were once taken for plates.
    """

    def __init__(self, options, pool):
        records = plate_photos(options["data"])
        self.photos = Photos(records, options["cache"], "plates")
        without = photos_without_plates(options["without"]) if options.get("without") else []
        self.without = Photos(without, options["cache"], "without-plates") if without else []
        self.pool = pool
        held = [k % 20 == 7 for k in range(len(records))]  # watches the training
        self.held = [k for k, is_held in enumerate(held) if is_held and records[k]["complete"]]
        usable = [k for k in range(len(records)) if not held[k]]
        self.plated = [k for k in usable if any(not row[4] for row in records[k]["plates"])]
        weight = np.array([SOURCES[records[k]["source"]] for k in self.plated])
        self.weight = weight / max(1e-9, weight.sum())
        self.complete = [k for k in usable if records[k]["complete"]]
        self.mistakes, self.unlabelled = _mistakes(options.get("hard"), set(usable))

    def read(self, k):
        """Pixels and rows [k, 13] of a photo, unlabelled plates as ignored ones."""
        image, plates = self.photos.read(k)
        more = self.unlabelled.get(k)
        return image, unknown(plates if more is None else np.concatenate([plates, more]))


def _mistakes(path, usable):
    """
    Mined places by photo: {photo, box, use}, where use is background or ignore (a plate that nobody
    labelled).
    """
    mistakes, unlabelled = [], {}
    if path and os.path.exists(path):
        with open(path) as f:
            found = json.load(f)
        mistakes = [(m["photo"], m["box"]) for m in found if m["use"] == "background" and m["photo"] in usable]
        for m in found:
            if m["use"] == "ignore":
                unlabelled.setdefault(m["photo"], []).append([*m["box"], 1.0])
    return mistakes, {k: np.float32(rows) for k, rows in unlabelled.items()}


def training_image(rng, source, side):
    """
    One training image [side, side, 3] and its plates: a crop, a mosaic of four or nine, or a
    place without plates.
    """
    kind, largest = rng.random(), 260 * side / 320
    if kind < 0.38:
        image, plates = _mosaic(rng, source, side, 2 if kind < 0.26 else 3)
    else:
        image, plates = _crop(rng, source, (side, side), (8, largest), kind > 0.8)
    if rng.random() < 0.5:
        image, plates = mirror(image, plates)
    return look(rng, image), clip(plates, (side, side))


def _mosaic(rng, source, side, k):
    edges = [[0] + [int(side * (i + rng.uniform(-0.15, 0.15)) / k) for i in range(1, k)] + [side] for _ in range(2)]
    image, rows = np.empty((side, side, 3), np.uint8), [np.empty((0, 13), np.float32)]
    for x, x2 in zip(edges[0], edges[0][1:]):
        for y, y2 in zip(edges[1], edges[1][1:]):
            part, plates = _crop(rng, source, (x2 - x, y2 - y), (8, 110 if k == 2 else 50), rng.random() < 0.25)
            image[y:y2, x:x2] = part
            rows.append(clip(plates, (x2 - x, y2 - y)) + np.float32([x, y, x, y, 0] + [x, y] * 4))
    return image, np.concatenate(rows)


def _crop(rng, source, size, widths, background):
    """A crop in which a plate is `widths` px wide, or one of background."""
    width, height = size
    if not background:
        image, plates = source.read(int(rng.choice(source.plated, p=source.weight)))
        real = plates[plates[:, 4] == 0]
        x0, y0, x1, y1 = real[int(rng.integers(len(real))), :4]
        scale = np.exp(rng.uniform(*np.log(widths))) / max(4.0, x1 - x0)
        scale = np.clip(scale, max(0.1, 0.7 * min(width / image.shape[1], height / image.shape[0])), 2.2)
        anchor, at = ((x0 + x1) / 2, (y0 + y1) / 2), rng.uniform(0.05, 0.95, 2) * size
    else:
        image, plates, scale, anchor, at = _background(rng, source, size)
    stretch = scale * np.exp(rng.uniform(-0.15, 0.15, 2))
    crop, plates = cut(rng, image, plates, size, stretch, anchor, at)
    crop, plates = draw_over(rng, crop, plates, source.pool)
    if rng.random() < 0.5:
        crop, plates = tilt(rng, crop, plates)
    if rng.random() < (0.15 if background else 0.06):
        lettering(rng, crop, plates)
    return crop, plates


def _background(rng, source, size):
    choice = rng.random()
    if source.mistakes and choice < 0.45:
        k, (x0, y0, x1, y1) = source.mistakes[int(rng.integers(len(source.mistakes)))]
        image, plates = source.read(k)
        scale = np.clip(np.exp(rng.uniform(np.log(12), np.log(160))) / max(1, x1 - x0), 0.3, 2.2)
        return image, plates, scale, ((x0 + x1) / 2, (y0 + y1) / 2), rng.uniform(0.15, 0.85, 2) * size
    if len(source.without) and choice < 0.85:
        image, plates = source.without.read(int(rng.integers(len(source.without))))
        plates = unknown(plates)
    else:
        image, plates = source.read(int(rng.choice(source.complete)))
    anchor = rng.uniform(0, 1, 2) * (image.shape[1], image.shape[0])
    return image, plates, np.exp(rng.uniform(np.log(0.4), np.log(1.8))), anchor, np.array(size) / 2
