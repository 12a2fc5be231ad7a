/**
 * How outputs are decoded to boxes, as fields of a manifest. Tensors are named as in the ONNX file.
 * Unless something else is said, the centre of cell (x, y) is ((x + 0.5) * stride, (y + 0.5) *
 * stride) px of the network's input; lists run over levels, rows, columns, then anchors.
 */
import { CLASSES, type ObjectClass } from '@obscura/contract/parameters'
import { type Check, either, list, number, numbers, object, oneOf, optional, positive, record, text, wordOr } from './checks.js'

export const fraction = (meaning: string) => number(`a number 0..1: ${meaning}`, 0, 1)

/** An object with a field for some of the classes. */
export function byClass<T>(value: Check<T>) {
  const field = optional(value)
  return object({ face: field, person: field, license_plate: field, vehicle: field })
}

export const objectClass = oneOf(CLASSES)

const scores = text('the name of the score tensor')
const boxes = text('the name of the box tensor')
const output = text('the name of the output tensor')
const stride = positive('distance between cells in px of the network input', 4096)
const distances = text('the name of the distance tensor')
const bins = positive('bins of each distance', 1024)
const anchorsPerCell = positive('boxes per cell', 64)
const anchors = list(
  numbers(2, '[width, height]', number('px of the network input', 0)),
  'a list of [width, height] in px of the network input, one for each anchor of a cell',
)
const strides = list(stride, 'the strides of the levels in the order of the tensor, e.g. [8, 16, 32]')

/** What turns the raw numbers into scores 0..1; absent: `none`. */
const activation = optional(oneOf(['none', 'sigmoid']))

/** What box coordinates count: px of the network's input (absent), or fractions of it. */
const unit = optional(oneOf(['pixel', 'fraction']))

const maskFields = {
  /** N x h x w, or N x 1 x h x w. */
  output,
  values: oneOf(['logits', 'probabilities']),
  /** Probability from which a pixel belongs to the object; absent: 0.1. */
  threshold: optional(fraction('the minimum probability of a pixel of the object')),
}

/** Instance masks of which each shows the whole input of the network. */
const inputMasks = optional(object(maskFields))

/** Instance masks that show the whole input, or each only its box. */
const masks = optional(object({ ...maskFields, frame: oneOf(['input', 'box']) }))

export const detectorDecoders = {
  /**
   * Scores 1 x N x classes, 0..1; distances 1 x N x (4 * bins): softmax's expectation over the bins
   * * stride = left, top, right, bottom.
   */
  nanodet: object({
    type: oneOf(['nanodet']),
    bins,
    levels: list(object({ stride, scores, distances }), 'a list of {stride, scores, distances}'),
  }),

  /** As `nanodet`, in one tensor 1 x N x (classes + 4 * bins), from the top left of the cells. */
  'nanodet-plus': object({ type: oneOf(['nanodet-plus']), output, bins, strides, activation }),

  /**
   * Scores 1 x N x classes; boxes 1 x N x 4, to anchors: centre += offset * variance[0] * size,
   * size *= exp(offset * variance[1]). Also RetinaFace, whose priors are square anchors.
   */
  ssd: object({
    type: oneOf(['ssd']),
    scores,
    boxes,
    /** Activation that turns logits into scores; `none`: they are scores. */
    activation: oneOf(['sigmoid', 'softmax', 'none']),
    /** Order of the four offsets. */
    order: oneOf(['xywh', 'yxhw']),
    variance: numbers(2, 'two numbers: for centres, for sizes'),
    levels: list(
      either(
        object({ stride, anchors }),
        object({ cells: positive('cells across and down', 4096), anchors }),
        'either {stride, anchors}, for ceil(side / stride) cells, or {cells, anchors}, for stride = side / cells',
      ),
      'a list of {stride, anchors} or {cells, anchors}',
    ),
  }),

  /**
   * Scores 1 x N x 1, logits; boxes 1 x N x (4 or more): centre x, y from the cell's centre, width,
   * height, all in px of the network input.
   */
  blazeface: object({
    type: oneOf(['blazeface']),
    levels: list(object({ stride, anchorsPerCell, scores, boxes }), 'a list of {stride, anchorsPerCell, scores, boxes}'),
  }),

  /**
   * A tensor 1 x 5 x H / stride x W / stride a level: score 0..1; left, top, right, bottom from the
   * cell's centre in px of the network input.
   */
  plate: object({
    type: oneOf(['plate']),
    levels: list(object({ stride, output }), 'a list of {stride, output}'),
  }),

  /**
   * Rows of x, y, width, height, objectness, classes: centre = (cell + x, y) * stride, size =
   * exp(width, height) * stride, score = objectness * class. Joined 1 x N x (5 + classes), or a map
   * 1 x (5 + classes) x H / stride x W / stride a level.
   */
  yolox: either(
    object({ type: oneOf(['yolox']), output, strides }),
    object({ type: oneOf(['yolox']), levels: list(object({ stride, output }), 'a list of {stride, output}') }),
    'either {type, output, strides} for one tensor, or {type, levels} with a {stride, output} for each map',
  ),

  /**
   * 1 x (4 + classes + coefficients) x N: centre x, y, width, height in px, then class scores 0..1.
   * Masks are the sum of prototypes 1 x coefficients x h x w.
   */
  yolov8: object({
    type: oneOf(['yolov8']),
    output,
    prototypes: optional(text('the name of the prototype tensor of a segmenting network')),
    threshold: maskFields.threshold,
  }),

  /**
   * Queries (D-FINE, RF-DETR, RT-DETR, DEIM): scores 1 x Q x classes, logits; boxes 1 x Q x 4:
   * centre x, y, width, height as fractions of the input.
   */
  detr: object({
    type: oneOf(['detr']),
    scores,
    boxes,
    masks: inputMasks,
  }),

  /**
   * Finished detections in separate tensors: boxes 1 x N x 4 (left, top, right, bottom), or x 5
   * with the score, scores 1 x N, labels 1 x N; the leading 1 may be missing.
   */
  detections: object({
    type: oneOf(['detections']),
    boxes,
    scores: optional(text('the name of the score tensor; absent: the fifth column of boxes')),
    labels: optional(text('the name of the class tensor; absent: one class')),
    unit,
    masks,
  }),

  /** Finished detections as rows of one tensor. */
  rows: object({
    type: oneOf(['rows']),
    output,
    columns: list(
      oneOf(['batch', 'x1', 'y1', 'x2', 'y2', 'score', 'class', 'other']),
      'the columns in their order, of batch, x1, y1, x2, y2, score, class, other',
      5,
    ),
    unit,
  }),

  /**
   * A level has classes, objectness (1 x N x 1, 0..1; score = sqrt of their product) and boxes 1 x
   * N x 4: centre = (cell + x, y) * stride, size = exp(width, height) * stride.
   */
  yunet: object({
    type: oneOf(['yunet']),
    levels: list(
      object({ stride, scores, objectness: text('the name of the objectness tensor'), boxes }),
      'a list of {stride, scores, objectness, boxes}',
    ),
  }),

  /**
   * Scores 1 x N x 1; distances 1 x N x 4 to left, top, right, bottom in strides from the top left
   * of the cell.
   */
  scrfd: object({
    type: oneOf(['scrfd']),
    activation,
    levels: list(object({ stride, anchorsPerCell, scores, distances }), 'a list of {stride, anchorsPerCell, scores, distances}'),
  }),

  /**
   * Maps of cells: heat 1 x 1 x h x w, 0..1; scale 1 x 2 x h x w, logarithms of height and width in
   * strides; offset 1 x 2 x h x w, from the cell's centre down and right in strides.
   */
  centerface: object({
    type: oneOf(['centerface']),
    stride,
    heat: text('the name of the heat map'),
    scale: text('the name of the scale map'),
    offset: text('the name of the offset map'),
  }),
}

/**
 * Logits n x 1 x h x w of the object of a box. The input is the box grown by `margin` a side,
 * stretched; its fourth channel marks the box: `marker` of the class in rows and columns from..to
 * (exclusive), 0 elsewhere. Colours outside the image are 0 after mean and std.
 */
export const maskDecoder = object({
  type: oneOf(['mask']),
  output,
  margin: fraction('fraction of the box that is added on each side'),
  box: object({ from: positive('first row and column'), to: positive('row and column after the last') }),
  marker: byClass(number('a number')),
  /** Probability from which a pixel belongs to the object. */
  thresholds: byClass(fraction('the minimum probability of a pixel of the object')),
  /** Boxes with a smaller sqrt(area) get a plain shape. */
  smallest: positive('px of the image'),
})

/** COCO's trains (6 of 80, 7 of 91) are left out: they cost more false vehicles than they find. */
const COCO: Readonly<Record<string, Record<string, ObjectClass>>> = {
  coco80: { 0: 'person', 2: 'vehicle', 3: 'vehicle', 5: 'vehicle', 7: 'vehicle' },
  coco91: { 1: 'person', 3: 'vehicle', 4: 'vehicle', 6: 'vehicle', 8: 'vehicle' },
}

/** Which indices of a network's classes are which of ours. */
export const classMap = wordOr(
  COCO,
  record(/^\d+$/, objectClass, `an index of the network's classes with one of ${CLASSES.join(', ')}, or "coco80" or "coco91"`),
)
