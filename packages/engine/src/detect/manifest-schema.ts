/**
 * The schema of a manifest. The texts of the checks appear in error messages and say what is
 * expected.
 */
import { CLASSES } from '@obscura/contract/parameters'
import { type Check, either, flag, list, number, numbers, object, oneOf, optional, positive, record, text } from './checks.js'

const objectClass = oneOf(CLASSES)
const fraction = (meaning: string) => number(`a number 0..1: ${meaning}`, 0, 1)
const sha256 = text('a SHA-256 as 64 lower-case hex digits', /^[0-9a-f]{64}$/)
const channels = numbers(3, 'three numbers, one per channel, in the order of input.channels')

/** An object with a field for some of the classes. */
function byClass<T>(value: Check<T>) {
  const field = optional(value)
  return object({ face: field, person: field, license_plate: field, vehicle: field })
}

const input = object({
  tensor: text('the name of the input tensor, float32 1 x 3 x H x W (decoder mask: n x 4 x H x W)'),
  size: either(
    object({ multiple: positive('divides both sides, in px') }),
    object({ width: positive('px'), height: positive('px') }),
    'either {"multiple": px} for a network that takes any size, or {"width": px, "height": px}',
  ),
  /** `letterbox` keeps the aspect and pads the rest, `stretch` fills the network's input. */
  resize: oneOf(['letterbox', 'stretch']),
  /**
   * The gray value 0..255 outside the image, before mean and std; `end`: the image is at the top
   * left.
   */
  padding: object({ value: number('a gray value 0..255', 0, 255), position: oneOf(['end', 'centre']) }),
  channels: oneOf(['rgb', 'bgr']),
  /** A sample 0..255 becomes (sample - mean) / std. */
  mean: channels,
  std: channels,
})

const scores = text('the name of the score tensor')
const boxes = text('the name of the box tensor')
const stride = positive('distance between cells in px of the network input')
const anchors = list(
  numbers(2, '[width, height]', number('px of the network input', 0)),
  'a list of [width, height] in px of the network input, one for each anchor of a cell',
)

/**
 * How outputs are decoded to boxes. The centre of cell (x, y) is ((x + 0.5) * stride, (y + 0.5) *
 * stride) of the network input; lists run over levels, rows, columns, then anchors.
 */
const decoders = {
  /**
   * Scores 1 x N x classes, 0..1; distances 1 x N x (4 * bins): softmax's expectation over the bins
   * * stride = left, top, right, bottom.
   */
  nanodet: object({
    type: oneOf(['nanodet']),
    bins: positive('bins of each distance'),
    levels: list(
      object({ stride, scores, distances: text('the name of the distance tensor') }),
      'a list of {stride, scores, distances}',
    ),
  }),

  /**
   * Scores 1 x N x classes, logits; boxes 1 x N x 4, to anchors: centre += offset * variance[0] *
   * size, size *= exp(offset * variance[1]).
   */
  ssd: object({
    type: oneOf(['ssd']),
    scores,
    boxes,
    /** Activation that turns logits into scores. */
    activation: oneOf(['sigmoid', 'softmax']),
    /** Order of the four offsets. */
    order: oneOf(['xywh', 'yxhw']),
    variance: numbers(2, 'two numbers: for centres, for sizes'),
    levels: list(
      either(
        object({ stride, anchors }),
        object({ cells: positive('cells across and down'), anchors }),
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
    levels: list(
      object({ stride, anchorsPerCell: positive('boxes per cell'), scores, boxes }),
      'a list of {stride, anchorsPerCell, scores, boxes}',
    ),
  }),

  /**
   * A tensor 1 x 5 x H / stride x W / stride a level: score 0..1; left, top, right, bottom from the
   * cell's centre in px of the network input.
   */
  plate: object({
    type: oneOf(['plate']),
    levels: list(object({ stride, output: text('the name of the output tensor') }), 'a list of {stride, output}'),
  }),

  /**
   * Logits n x 1 x h x w of the object of a box. The input is the box grown by `margin` a side,
   * stretched; its fourth channel marks the box: `marker` of the class in rows and columns from..to
   * (exclusive), 0 elsewhere. Colours outside the image are 0 after mean and std.
   */
  mask: object({
    type: oneOf(['mask']),
    output: text('the name of the output tensor'),
    margin: fraction('fraction of the box that is added on each side'),
    box: object({ from: positive('first row and column'), to: positive('row and column after the last') }),
    marker: byClass(number('a number')),
    /** Probability from which a pixel belongs to the object. */
    thresholds: byClass(fraction('the minimum probability of a pixel of the object')),
    /** Boxes with a smaller sqrt(area) get a plain shape. */
    smallest: positive('px of the image'),
  }),
}

/** A pass over the image: as a whole, or in overlapping tiles. */
const pass = object({
  /** For networks of variable size. */
  longSide: optional(positive('long side of the view in px of the network input')),
  tile: optional(fraction("a tile's side as a fraction of the image's long side")),
  overlap: optional(fraction('fraction of a tile that overlaps its neighbour')),
  /** For a pass for small objects. */
  largest: optional(positive('keep only boxes with a smaller sqrt(area), in px of the network input')),
  /** For networks of variable size. */
  enlarge: optional(number('a number: the maximum factor by which the view is enlarged', 1)),
})

/**
 * Each box is looked at again in the square around it: score = sigmoid(bias + weight * logit(score)
 * + the sum of weight * logit(score of the look)).
 */
const closer = object({
  from: fraction('boxes with a lower score are dropped'),
  weight: number('a number'),
  bias: number('a number'),
  looks: list(
    object({
      window: number('side of the square, in widths of the box', 1),
      longSide: positive('side of the square in px of the network input'),
      weight: number('a number'),
    }),
    'a list of {window, longSide, weight}',
  ),
})

const profile = object({
  passes: list(pass, 'a list of passes, e.g. [{"longSide": 640}]'),
  closer: optional(closer),
  /** Without an entry for its class, a raw score is unchanged. */
  calibration: byClass(numbers(2, 'two numbers a, b: score = sigmoid(a * logit(raw) + b)')),
})

/** Source of a converted ONNX file. */
const build = object({
  converter: oneOf(['tfjs', 'face-api', 'ultraface']),
  package: text('npm package@version', /^.+@[^@]+$/),
  /** The first one is the graph or the weight manifest. */
  sources: list(object({ path: text('a path inside the package'), sha256 }), 'a list of {path, sha256}'),
  /** For tfjs: which part of the graph is converted, see models/README.md. */
  graph: optional(
    object({
      input: object({
        node: text('a node of the graph'),
        shape: numbers(4, 'the four sizes of the node in the graph', positive('a size')),
        layout: oneOf(['NHWC', 'NCHW']),
      }),
      outputs: record(/./, text('a node of the graph'), 'the name of each output tensor with the node behind it'),
      free: flag('height and width remain variable'),
    }),
  ),
})

const file = text('the path of the ONNX file from the models folder')

/**
 * The same network in whole numbers of 8 bits, for processors that compute faster with them. Its
 * input is 1 x H x W x 4 of RGBX bytes, its outputs are those of the float file.
 */
const int8 = object({
  file,
  sha256,
  /** For the build: the ranges of its values. */
  ranges: optional(text('the path of a file of ranges, see models/README.md')),
})

const common = {
  name: text("lower-case letters, digits and hyphens, as the file's name", /^[a-z0-9][a-z0-9-]*$/),
  title: text('the published name'),
  file,
  sha256,
  licence: text('the SPDX licence of the weights'),
  origin: text('who created the weights and where they were published'),
  training: text('the training data and its terms'),
  build: optional(build),
  int8: optional(int8),
  input,
}

function detector<D>(decoder: Check<D>) {
  return object({
    ...common,
    task: oneOf(['detect']),
    decoder,
    classes: record(/^\d+$/, objectClass, `an index of the network's classes with one of ${CLASSES.join(', ')}`),
    /**
     * Within a pass a box is dropped that overlaps a better one by `iou`, or of which the fraction
     * `inside` lies in a better one.
     */
    nms: object({ iou: fraction('intersection over union'), inside: optional(fraction('fraction of the box')) }),
    /**
     * The profiles in which the model takes part: fast or standard over the whole image, tiles over
     * the tiles of a large one in either.
     */
    profiles: object({ fast: optional(profile), standard: optional(profile), tiles: optional(profile) }),
  })
}

/** The form of a manifest by the type of its decoder. */
export const manifestForms = {
  nanodet: detector(decoders.nanodet),
  ssd: detector(decoders.ssd),
  blazeface: detector(decoders.blazeface),
  plate: detector(decoders.plate),
  mask: object({ ...common, task: oneOf(['segment']), decoder: decoders.mask }),
}
