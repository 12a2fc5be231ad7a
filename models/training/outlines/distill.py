"""
Makes crops with masks from photos of which only boxes are known: a trained network outlines the
object of each box, and what it is not sure of stays unknown. `python3 -m training.outlines.distill
--run RUN --data PHOTOS --out CROPS [--skip CROPS ...]`

PHOTOS holds annotations.json: a list of {image, photo_licence, objects: [{type (person, vehicle),
bbox}]}.
"""
import argparse
import json
import os

import cv2
import numpy as np
import torch

from ..shared.run import load_average
from . import task
from .boxes import BoxErrors
from .crops import BACKGROUND, BOX, BOX0, FRAME, GROWN, OBJECT, PAD, UNKNOWN, read
from .network import SIZE
from .sample import finish, map_to_input, moved

VIEWS = 8
CERTAIN = 0.7  # a pixel belongs to the object from this mean probability on, to the background below 1 - CERTAIN
MIN_REACH = 0.9  # an outline that fills less of its box's height or width has missed the object
MIN_SIDES = (20, 9)  # px, of the long and the short side of a box
MAX_SIDE = 256  # px, long side of a crop


@torch.no_grad()
def mask_of(net, frame, person, rng, errors):
    """
    Labels [FRAME, FRAME] of a crop (RGB, as crops.py keeps it), from several looks; None where the
    network missed the object.
    """
    inputs, maps = [], []
    label = np.zeros((FRAME, FRAME), np.uint8)
    for k in range(VIEWS):
        m = map_to_input(moved(0.3 * errors.draw(rng, "person" if person else "vehicle")), flip=k % 2 == 1)
        image = cv2.warpAffine(frame, m, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderValue=(PAD,) * 3)
        outside = np.zeros((SIZE, SIZE), bool)
        inputs.append(finish(image, label[:SIZE, :SIZE].astype(np.float32), outside, np.zeros((SIZE, SIZE), np.float32), person)[0])
        maps.append(m)
    answers = torch.sigmoid(net(torch.from_numpy(np.stack(inputs)))).numpy()[:, 0]
    back = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    full = [cv2.resize(answer, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR) for answer in answers]
    mean = np.mean([cv2.warpAffine(answer, m, (FRAME, FRAME), flags=back) for answer, m in zip(full, maps)], 0)
    label[:] = np.where(mean > CERTAIN, OBJECT, np.where(mean < 1 - CERTAIN, BACKGROUND, UNKNOWN))
    inside = slice(int(BOX0), int(np.ceil(BOX0 + BOX)))
    sure = label[inside, inside] == OBJECT
    if min(sure.any(0).mean(), sure.any(1).mean()) < MIN_REACH:
        return None
    beyond = np.ones_like(label, bool)
    beyond[inside, inside] = False
    label[beyond] = BACKGROUND  # boxes are true: nothing of the object lies outside
    return label


def crops_of(photo, folder):
    """
    For each object of a photo that is large enough: its record, its crop (BGR) and the crop
    stretched as crops.py keeps it (RGB).
    """
    image = cv2.imread(os.path.join(folder, photo["image"]))
    height, width = image.shape[:2]
    name = os.path.splitext(os.path.basename(photo["image"]))[0]
    for i, thing in enumerate(photo["objects"]):
        x0, y0, x1, y1 = thing["bbox"]
        w, h = x1 - x0, y1 - y0
        if max(w, h) < MIN_SIDES[0] or min(w, h) < MIN_SIDES[1]:
            continue
        left, top = max(0, round(x0 - GROWN * w)), max(0, round(y0 - GROWN * h))
        crop = image[top : min(height, round(y1 + GROWN * h)), left : min(width, round(x1 + GROWN * w))]
        k = min(1.0, MAX_SIDE / max(crop.shape[:2]))
        crop = cv2.resize(crop, None, fx=k, fy=k, interpolation=cv2.INTER_AREA) if k < 1 else crop
        box = [round(float(v), 1) for v in ((x0 - left) * k, (y0 - top) * k, (x1 - left) * k, (y1 - top) * k)]
        record = {"name": f"{name}-{i:02}", "type": thing["type"], "class": thing["type"], "box": box}
        yield {**record, "photo": photo["image"], "photo_licence": photo["photo_licence"]}, crop


def stretched(crop, box):
    """
    The crop with its box where crops.py puts it, RGB [FRAME, FRAME, 3]; and the map from there to
    the crop.
    """
    sx, sy = BOX / (box[2] - box[0]), BOX / (box[3] - box[1])
    m = np.float32([[sx, 0, BOX0 - sx * box[0] + sx / 2 - 0.5], [0, sy, BOX0 - sy * box[1] + sy / 2 - 0.5]])
    rgb = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)
    return cv2.warpAffine(rgb, m, (FRAME, FRAME), flags=cv2.INTER_LINEAR, borderValue=(PAD,) * 3), m


def main():
    """Writes the crops whose objects the network has found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--skip", nargs="*", default=[], help="folders of crops whose photos are left out")
    given = parser.parse_args()
    torch.set_num_threads(1)
    net, _ = load_average(task, given.run)
    rng, errors, records, seen = np.random.default_rng(1), BoxErrors(), [], 0
    done = {os.path.basename(record["photo"]) for folder in given.skip for record in read(folder)}
    for part in ("images", "masks"):
        os.makedirs(os.path.join(given.out, part), exist_ok=True)
    with open(os.path.join(given.data, "annotations.json")) as f:
        photos = [photo for photo in json.load(f) if os.path.basename(photo["image"]) not in done]
    for photo in photos:
        for record, crop in crops_of(photo, given.data):
            seen += 1
            frame, m = stretched(crop, record["box"])
            label = mask_of(net, frame, record["type"] == "person", rng, errors)
            if label is None:
                continue
            flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
            mask = cv2.warpAffine(label, m, (crop.shape[1], crop.shape[0]), flags=flags)
            cv2.imwrite(os.path.join(given.out, "images", record["name"] + ".webp"), crop, [cv2.IMWRITE_WEBP_QUALITY, 90])
            cv2.imwrite(os.path.join(given.out, "masks", record["name"] + ".png"), mask)
            records.append({**record, "width": crop.shape[1], "height": crop.shape[0]})
    with open(os.path.join(given.out, "annotations.json"), "w") as f:
        json.dump(records, f)
    print(f"{len(records)} of {seen} objects outlined")


if __name__ == "__main__":
    main()
