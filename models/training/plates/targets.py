"""Dense targets: which cell of which stride answers for which plate."""
import numpy as np

from .network import STRIDES

# sqrt(area) of the plates that each stride is asked to find, px; the ranges overlap on purpose.
RANGES = ((0, 22), (15, 48), (36, 112), (80, 1e9))


def targets(plates, side):
    """
    For every stride: weight [n, h, w] of the score (0: neither plate nor background), the cells
    (sample, y, x) that answer for a plate, and their plates' rows [k, 13]. `plates` has an array of
    rows for each image.
    """
    return [_level(plates, side // stride, stride, low, high) for stride, (low, high) in zip(STRIDES, RANGES)]


def _level(plates, cells, stride, low, high):
    weight = np.ones((len(plates), cells, cells), np.float32)
    owner = np.full((len(plates), cells, cells), -1, np.int32)
    flat = []
    for n, rows in enumerate(plates):
        # The largest first: what is small lies before it.
        for row in sorted(rows, key=lambda r: -(r[2] - r[0]) * (r[3] - r[1])):
            size = np.sqrt((row[2] - row[0]) * (row[3] - row[1]))
            if row[4]:
                reach = _cells(row, cells, stride, 2 + 0.1 * size)
                weight[n][reach], owner[n][reach] = 0, -1
            elif low * 0.75 <= size < high * 1.33:
                middle = _middle(row, cells, stride)
                is_asked = low <= size < high
                # Nearly this stride's business: not background either.
                weight[n][middle] = 1 if is_asked else 0
                owner[n][middle] = len(flat) if is_asked else -1
                flat += [row] if is_asked else []
    chosen = np.argwhere(owner >= 0)
    return weight, chosen, np.float32(flat).reshape(-1, 13)[owner[owner >= 0]]


def _cells(row, cells, stride, pad):
    """The cells that a box touches."""
    x0, y0 = np.floor((row[:2] - pad) / stride).clip(0, cells).astype(int)
    x1, y1 = np.ceil((row[2:4] + pad) / stride).clip(0, cells).astype(int)
    return slice(y0, y1), slice(x0, x1)


def _middle(row, cells, stride):
    """The cells whose centres lie in the middle half of a box, one at least across and down."""
    centre, half = (row[:2] + row[2:4]) / 2, np.maximum(0.5 * stride, 0.25 * (row[2:4] - row[:2]))
    x0, y0 = np.ceil((centre - half) / stride - 0.5).clip(0, cells).astype(int)
    x1, y1 = (np.floor((centre + half) / stride - 0.5) + 1).clip(0, cells).astype(int)
    return slice(y0, y1), slice(x0, x1)
