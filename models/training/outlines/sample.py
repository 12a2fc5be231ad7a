"""Makes augmented inputs and targets of the outline network from kept crops."""
import cv2
import numpy as np

from ..shared.colour import grain, light, sharpness
from .crops import BOX, BOX0, FRAME, OBJECT, OUTSIDE, PAD, UNKNOWN
from .network import MARGIN, OUT, SIZE


def map_to_input(box, flip=False, turn=0.0):
    """
    Affine map [2, 3] from a kept crop to the network's input for a box (x0, y0, x1, y1 in the kept
    crop).
    """
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    sx, sy = SIZE / (w * (1 + 2 * MARGIN)), SIZE / (h * (1 + 2 * MARGIN))
    m = np.array([[sx, 0, SIZE / 2 - sx * (x0 + w / 2)], [0, sy, SIZE / 2 - sy * (y0 + h / 2)], [0, 0, 1]])
    if turn:
        c, s, half = np.cos(turn), np.sin(turn), SIZE / 2
        m = np.array([[c, -s, half - c * half + s * half], [s, c, half - s * half - c * half], [0, 0, 1]]) @ m
    if flip:
        m = np.array([[-1, 0, SIZE - 1], [0, 1, 0], [0, 0, 1]]) @ m
    return m[:2].astype(np.float32)


def moved(errors):
    """The true box of a kept crop moved by errors, as fractions of its side."""
    return np.float32([BOX0, BOX0, BOX0 + BOX, BOX0 + BOX]) + np.float32(errors) * BOX


def truncate(rng, label, box):
    """
    Lets the photo end inside the object: what is beyond is outside, and a detector's box ends there
    too.
    """
    label, box = label.copy(), box.copy()
    cut, side = rng.uniform(0.5, 0.92), rng.integers(4)
    at = BOX0 + BOX * (cut if side < 2 else 1 - cut)
    near, far = (slice(int(at), None), 2) if side < 2 else (slice(None, int(at)), 0)
    if side % 2:
        label[near, :] = OUTSIDE
        box[far + 1] = at
    else:
        label[:, near] = OUTSIDE
        box[far] = at
    return label, box


def other_background(rng, image, target, other):
    """Puts the object before another crop, often one with a person or vehicle in it."""
    scale = rng.uniform(0.7, 1.3) * SIZE / FRAME
    shift = rng.uniform(-0.35, 0.35, 2) * SIZE + SIZE / 2 - scale * FRAME / 2
    m = np.float32([[scale, 0, shift[0]], [0, scale, shift[1]]])
    behind = cv2.warpAffine(other, m, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)
    share = cv2.GaussianBlur(target, (0, 0), rng.uniform(0.5, 1.2))[..., None]
    return (image * share + behind * (1 - share)).astype(np.uint8)


def occlude(rng, image, target, other, other_label):
    """
    Pastes another crop's object over an edge of this one; what it hides no longer belongs to the
    object.
    """
    s = rng.uniform(0.35, 0.9) * SIZE / FRAME
    far, along = rng.uniform(0.35, 0.6) * SIZE, rng.uniform(-0.35, 0.35) * SIZE
    cx, cy = [(far, along), (-far, along), (along, far), (along, -far)][rng.integers(4)]
    m = np.float32([[s, 0, SIZE / 2 + cx - s * FRAME / 2], [0, s, SIZE / 2 + cy - s * FRAME / 2]])
    cover = cv2.warpAffine((other_label == OBJECT).astype(np.float32), m, (SIZE, SIZE))
    left = target * (1 - cover)
    if left.sum() < 0.55 * target.sum():
        return image, target
    over = cv2.warpAffine(other, m, (SIZE, SIZE))
    return (image * (1 - cover[..., None]) + over * cover[..., None]).astype(np.uint8), left


def box_plane(person):
    """The fourth channel: where the box lies, and by its sign of which kind the object is."""
    plane = np.zeros((SIZE, SIZE), np.float32)
    edge = round(SIZE * MARGIN / (1 + 2 * MARGIN))
    plane[edge : SIZE - edge, edge : SIZE - edge] = 1 if person else -1
    return plane


PLANES = {True: box_plane(True), False: box_plane(False)}


def to_input(rgb, outside, person):
    """
    uint8 [SIZE, SIZE, 3] and a mask of what the photo does not show -> float32 [4, SIZE, SIZE].
    """
    x = np.concatenate([rgb.transpose(2, 0, 1).astype(np.float32) / 63.75 - 2, PLANES[person][None]])
    x[:3, outside] = 0
    return x


def warp(data, label, m):
    """
    The crop, the object's share of each pixel, what is outside and what nobody knows, at the
    input's size.
    """
    image = cv2.warpAffine(data, m, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderValue=(PAD,) * 3)
    target = cv2.warpAffine((label == OBJECT).astype(np.float32), m, (SIZE, SIZE))
    beyond = (label == OUTSIDE).astype(np.uint8)
    outside = cv2.warpAffine(beyond, m, (SIZE, SIZE), flags=cv2.INTER_NEAREST, borderValue=1) > 0
    doubtful = cv2.warpAffine((label == UNKNOWN).astype(np.float32), m, (SIZE, SIZE))
    return image, target, outside, doubtful


def finish(image, target, outside, doubtful, person):
    """
    Input [4, SIZE, SIZE]; share of each cell [1, OUT, OUT] that belongs to the object, and the
    cell's weight.
    """
    target = np.where(outside, 0, target).astype(np.float32)
    cells = [cv2.resize(part, (OUT, OUT), interpolation=cv2.INTER_AREA)[None] for part in (target, 1 - doubtful)]
    return to_input(image, outside, person), *cells


def training_sample(rng, data, records, i, errors):
    """One augmented input, its target and the cells' weights from kept crop i."""
    person = records[i]["type"] == "person"
    crop, label = _parts(data[i])
    box = moved(errors.draw(rng, records[i]["type"]))
    if rng.random() < 0.1:
        label, box = truncate(rng, label, box)
    turn = rng.normal(0, 0.06) if rng.random() < 0.3 else 0.0
    image, target, outside, doubtful = warp(crop, label, map_to_input(box, rng.random() < 0.5, turn))
    if rng.random() < 0.15 and not doubtful.any():
        image = other_background(rng, image, target, _parts(data[rng.integers(len(records))])[0])
    if rng.random() < 0.3:
        image, target = occlude(rng, image, target, *_parts(data[rng.integers(len(records))]))
    image = grain(rng, sharpness(rng, light(rng, image)))
    return finish(image, target, outside, doubtful, person)


def plain_sample(data, record, i, error):
    """
    Input, target and weights of kept crop i for its box moved by `error`, without augmentation.
    """
    crop, label = _parts(data[i])
    return finish(*warp(crop, label, map_to_input(moved(error))), record["type"] == "person")


def _parts(frame):
    """RGB and labels of a kept crop."""
    return np.ascontiguousarray(frame[..., :3]), frame[..., 3]
