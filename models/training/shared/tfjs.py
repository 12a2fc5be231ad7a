"""Reads weights of a TensorFlow.js graph model."""
import json
import os

import numpy as np

DTYPES = {"float16": np.float16, "float32": np.float32, "int32": np.int32, "bool": np.bool_}


def read_graph(json_path):
    """
    The nodes of a graph model by name, and its weights by name as arrays (as stored: not
    dequantized). Raises FileNotFoundError when a file of weights is missing beside the JSON.
    """
    with open(json_path) as f:
        spec = json.load(f)
    folder, weights = os.path.dirname(json_path), {}
    for group in spec["weightsManifest"]:
        raw = b"".join(_bytes(os.path.join(folder, path)) for path in group["paths"])
        at = 0
        for entry in group["weights"]:
            dtype = DTYPES[entry.get("quantization", {}).get("dtype", entry["dtype"])]
            count = int(np.prod(entry["shape"]))
            weights[entry["name"]] = np.frombuffer(raw, dtype, count, at).reshape(entry["shape"])
            at += count * np.dtype(dtype).itemsize
    return {node["name"]: node for node in spec["modelTopology"]["node"]}, weights


def _bytes(path):
    with open(path, "rb") as f:
        return f.read()
