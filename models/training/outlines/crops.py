"""
Reads a folder of object crops (annotations.json, images/, masks/) and keeps them decoded in one
file.
"""
import json
import os
import zlib

import cv2
import numpy as np
from PIL import Image

FRAME = 192  # side of a kept crop, px; it shows the box grown by GROWN of its side on every side
GROWN = 0.4
BOX0 = FRAME * GROWN / (1 + 2 * GROWN)  # where the box begins in a kept crop
BOX = FRAME / (1 + 2 * GROWN)  # its side there
PAD = 128

BACKGROUND, OBJECT, OTHER, OUTSIDE, UNKNOWN = 0, 1, 2, 3, 4


def read(folder):
    """The records of a folder of crops; each knows its folder."""
    with open(os.path.join(folder, "annotations.json")) as f:
        return [dict(record, folder=folder) for record in json.load(f)]


def is_held(record):
    """Whether the record's photo (one in twenty) only watches the training."""
    return zlib.crc32(record["photo"].encode()) % 20 == 0


def frame(record):
    """
    A crop stretched to FRAME x FRAME: uint8 [FRAME, FRAME, 4], RGB and the label of each pixel.
    """
    name = os.path.join(record["folder"], "images", record["name"] + ".webp")
    image = cv2.cvtColor(cv2.imread(name), cv2.COLOR_BGR2RGB)
    label = np.array(Image.open(os.path.join(record["folder"], "masks", record["name"] + ".png")))  # palette's indices
    x0, y0, x1, y1 = record["box"]
    sx, sy = BOX / (x1 - x0), BOX / (y1 - y0)
    m = np.float32([[sx, 0, BOX0 - sx * x0 + sx / 2 - 0.5], [0, sy, BOX0 - sy * y0 + sy / 2 - 0.5]])
    image = cv2.warpAffine(image, m, (FRAME, FRAME), flags=cv2.INTER_LINEAR, borderValue=(PAD,) * 3)
    label = cv2.warpAffine(label, m, (FRAME, FRAME), flags=cv2.INTER_NEAREST, borderValue=OUTSIDE)
    return np.dstack([image, label])


def load(folders, cache):
    """
    The records of all folders and their frames, one after the other; frames are kept in the folder
    `cache`.
    """
    lists = [read(folder) for folder in folders]
    kept = [frames(records, os.path.join(cache, f"{_name(folder)}.frames")) for folder, records in zip(folders, lists)]
    return sum(lists, []), Frames(kept)


def _name(folder):
    """Tells the caches of folders apart: the last two parts of the path."""
    return "-".join(os.path.normpath(os.path.abspath(folder)).split(os.sep)[-2:])


class Frames:
    """Arrays of frames as one."""

    def __init__(self, arrays):
        self.places = [(array, i) for array in arrays for i in range(len(array))]

    def __len__(self):
        return len(self.places)

    def __getitem__(self, i):
        array, at = self.places[i]
        return array[at]


def frames(records, path):
    """
    All frames of a folder, memory-mapped uint8 [n, FRAME, FRAME, 4]; the file is built when it is
    not there.
    """
    shape = (len(records), FRAME, FRAME, 4)
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        data = np.memmap(path + ".part", np.uint8, "w+", shape=shape)
        for i, record in enumerate(records):
            data[i] = frame(record)
        data.flush()
        os.replace(path + ".part", path)
    if os.path.getsize(path) != int(np.prod(shape)):
        raise ValueError(f"{path} was made from other crops: delete it, and it is built again")
    return np.memmap(path, np.uint8, "r", shape=shape)
