"""
Decodes labelled photos once into one file. A plate is a row x1, y1, x2, y2, ignore (0 or 1), in px.
"""
import json
import os

import cv2
import numpy as np

# Sources whose photos are under CC BY or MIT, and how often each photo is drawn.
SOURCES = {"openimages": 1.0, "us-eu-350": 0.7, "romanian": 0.7, "us-florida": 1.5, "experiment": 1.2}


def plate_photos(folder):
    """The records of a folder of photos with labelled plates."""
    with open(os.path.join(folder, "annotations.json")) as f:
        records = [r for r in json.load(f) if r["source"] in SOURCES]
    return [_record(folder, r, [o for o in r["objects"] if o["type"] == "license_plate"]) for r in records]


def first_images(folder, count, side):
    """At most so many photos of a folder, evenly chosen, as uint8 [n, side, side, 3]."""
    records = plate_photos(folder)
    chosen = records[:: max(1, len(records) // count)][:count]
    return np.stack([cv2.resize(_decoded(r["path"]), (side, side), interpolation=cv2.INTER_AREA) for r in chosen])


def photos_without_plates(folder):
    """
    Photos (of people, signs, rooms) without vehicles: whatever is found there is no plate. None is
    non-commercial.
    """
    with open(os.path.join(folder, "annotations.json")) as f:
        records = json.load(f)
    barred = [r["image"] for r in records if "noncommercial" in r["photo_licence"].lower() or "NC" in r["photo_licence"]]
    if barred:
        raise ValueError(f"{len(barred)} photos are under a non-commercial licence, as {barred[0]}")
    return [_record(folder, {**r, "source": "without", "complete": True}, []) for r in records]


def _record(folder, record, plates):
    return {
        "path": os.path.join(folder, record["image"]),
        "source": record["source"],
        "complete": record["complete"],
        "plates": [[*o["bbox"], float(bool(o.get("ignore")))] for o in plates],
        "size": [record["width"], record["height"]],
    }


class Photos:
    """Decoded photos in the folder `cache` under `name`; built when they are not there."""

    def __init__(self, records, cache, name):
        index, pixels = (os.path.join(cache, f"{name}.{end}") for end in ("json", "pixels"))
        if not os.path.exists(index):
            _build(records, index, pixels)
        with open(index) as f:
            self.index = json.load(f)
        if [r["path"] for r in records] != [r["path"] for r in self.index]:
            raise ValueError(f"{index} was made from other photos: delete it, and it is built again")
        self.pixels = np.memmap(pixels, np.uint8, "r")

    def __len__(self):
        return len(self.index)

    def read(self, i):
        """Pixels [H, W, 3] and plates [k, 5] of photo i."""
        r = self.index[i]
        h, w = r["shape"]
        return self.pixels[r["at"] : r["at"] + h * w * 3].reshape(h, w, 3), np.float32(r["plates"]).reshape(-1, 5)


def _decoded(path):
    return cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)


def _build(records, index, pixels):
    os.makedirs(os.path.dirname(index) or ".", exist_ok=True)
    at, rows = 0, []
    with open(pixels, "wb") as out:
        for r in records:
            image = _decoded(r["path"])
            h, w = image.shape[:2]
            scale = np.array([w / r["size"][0], h / r["size"][1]] * 2 + [1])
            out.write(image.tobytes())
            rows.append({**r, "at": at, "shape": [h, w], "plates": (np.float64(r["plates"]).reshape(-1, 5) * scale).tolist()})
            at += image.size
    with open(index + ".part", "w") as f:
        json.dump(rows, f)
    os.replace(index + ".part", index)
