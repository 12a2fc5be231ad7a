"""
How far a detector's box is from the object's: what training and evaluation move the true boxes by.
"""
import csv
import json
import os
import sys

import numpy as np

TABLE = os.path.join(os.path.dirname(__file__), "box-errors.csv")


class BoxErrors:
    """
    Draws errors that the product's detectors made on labelled photos, as fractions of the true
    box's size.
    """

    def __init__(self):
        rows = {}
        with open(TABLE) as f:
            for kind, *error in csv.reader(f):
                rows.setdefault(kind, []).append(error)
        self.table = {kind: np.float32(errors) for kind, errors in rows.items()}

    def draw(self, rng, kind):
        """
        Four numbers (left, top, right, bottom; positive is right or down) for an object of `kind`.
        """
        table = self.table[kind]
        error = table[int(rng.integers(len(table)))]
        # Mirrored half of the time, and never quite the same.
        if rng.random() < 0.5:
            error = np.float32([-error[2], error[1], -error[0], error[3]])
        return error * rng.uniform(0.7, 1.3) + rng.normal(0, 0.01, 4).astype(np.float32)


def measure(detections, photos):
    """
    Errors of detections (the accuracy bench's `photos`) against labelled photos, by kind, as shares
    of the label's size. A label takes the detection with the best IoU of 0.5 or more.
    """
    found = {photo["image"]: photo["detections"] for photo in detections}
    errors = {"person": [], "vehicle": []}
    for photo in photos:
        for label in photo["objects"]:
            kind, box = label["type"], np.float32(label["bbox"])
            if kind not in errors or label.get("ignore"):
                continue
            candidates = [d["box"] for d in found.get(photo["image"], []) if d["class"] == kind]
            best = max(candidates, key=lambda other: _iou(box, other), default=None)
            if best is not None and _iou(box, best) >= 0.5:
                size = np.tile(box[2:] - box[:2], 2)
                errors[kind].append((np.float32(best) - box) / size)
    return errors


def _iou(a, b):
    w, h = (max(0.0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return w * h / (sum(areas) - w * h)


if __name__ == "__main__":
    # python3 -m training.outlines.boxes ACCURACY_JSON LABELLED_FOLDER: renews box-errors.csv
    with open(sys.argv[1]) as f:
        detected = json.load(f)["photos"]
    with open(os.path.join(sys.argv[2], "annotations.json")) as f:
        rows = measure(detected, json.load(f))
    with open(TABLE, "w") as f:
        for kind, errors in rows.items():
            f.writelines(",".join([kind, *(f"{value:.3f}" for value in error)]) + "\n" for error in errors[:800])
