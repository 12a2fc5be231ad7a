"""Reads the weights of an ONNX file; field numbers are onnx.proto's."""
import numpy as np

GRAPH, NODES, INITIALIZERS = 7, 1, 5
NODE = {"input": 1, "name": 3, "type": 4}
TENSOR = {"dims": 1, "type": 2, "name": 8, "raw": 9}
FLOAT32 = 1


def read_weights(path):
    """
    The float32 initialisers by name, and the convolutions as {name of the node: names of its
    weight and bias}. Raises ValueError when the file is not ONNX.
    """
    with open(path, "rb") as f:
        graph = _first(f.read(), GRAPH)
    if graph is None:
        raise ValueError(f"{path} is not an ONNX file")
    weights, convolutions = {}, {}
    for number, value in _fields(graph):
        if number == INITIALIZERS and _first(value, TENSOR["type"]) == FLOAT32:
            raw = _first(value, TENSOR["raw"])
            weights[_text(value, TENSOR["name"])] = np.frombuffer(raw, np.float32).reshape(_all(value, TENSOR["dims"]))
        elif number == NODES and _text(value, NODE["type"]) == "Conv":
            convolutions[_text(value, NODE["name"])] = [bytes(i).decode() for i in _all(value, NODE["input"])[1:]]
    return weights, convolutions


def _fields(message):
    """The fields of a protocol buffer: (number, int for a varint, bytes for the rest)."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
        elif wire in (1, 2, 5):
            length, at = _varint(message, at) if wire == 2 else ({1: 8, 5: 4}[wire], at)
            value, at = message[at : at + length], at + length
        else:
            raise ValueError("not a protocol buffer")
        yield number, value


def _varint(message, at):
    value, shift = 0, 0
    while True:
        byte = message[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def _all(message, number):
    return [value for found, value in _fields(message) if found == number]


def _first(message, number):
    return next((value for found, value in _fields(message) if found == number), None)


def _text(message, number):
    return (_first(message, number) or b"").decode()
