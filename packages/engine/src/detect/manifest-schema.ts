/**
 * The form of a manifest. The texts of the checks appear in error messages and in the JSON Schema
 * and say what is expected.
 */
import {
  type Check,
  type Checked,
  either,
  flag,
  type JsonSchema,
  list,
  number,
  numbers,
  object,
  oneOf,
  optional,
  positive,
  record,
  text,
} from './checks.js'
import { byClass, classMap, detectorDecoders, fraction, maskDecoder } from './decoder-schema.js'

export const sha256 = text('a SHA-256 as 64 lower-case hex digits', /^[0-9a-f]{64}$/)
export const modelName = text("lower-case letters, digits and hyphens, as the file's name", /^[a-z0-9][a-z0-9-]{0,63}$/)
const channels = numbers(3, 'three numbers, one per channel, in the order of input.channels')
const side = positive('px', 4096)

/** The values of a further input, 1 x 2: with them boxes come in px of the network's input. */
const furtherInput = object({
  type: oneOf(['float32', 'int64']),
  values: oneOf(['width, height', 'height, width', 'ones']),
})

const input = object({
  tensor: text('the name of the input tensor, float32 1 x 3 x H x W (decoder mask: n x 4 x H x W)'),
  /** `false`: the input is 3 x H x W. */
  batch: optional(flag('whether the input has a leading dimension of 1')),
  size: either(
    object({ multiple: positive('divides both sides, in px', 4096) }),
    object({ width: side, height: side }),
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
  further: optional(record(/./, furtherInput, 'the name of each further input with {type, values}')),
})

/** A pass over the image: as a whole, or in overlapping tiles. */
export const pass = object({
  /** For networks of variable size. */
  longSide: optional(positive('long side of the view in px of the network input', 4096)),
  tile: optional(fraction("a tile's side as a fraction of the image's long side")),
  overlap: optional(fraction('fraction of a tile that overlaps its neighbour')),
  /** For a pass for small objects. */
  largest: optional(positive('keep only boxes with a smaller sqrt(area), in px of the network input')),
  /** For networks of variable size. */
  enlarge: optional(number('a number: the maximum factor by which the view is enlarged', 1)),
  mirror: optional(flag('whether the view is mirrored, left to right')),
  /**
   * Instead of the whole view, only parts of it: those around what a coarser pass over the view
   * finds.
   */
  around: optional(
    object({
      longSide: positive('long side of the view in px of the network input, in the coarser pass', 4096),
      from: fraction('the lowest score around which is looked'),
      counts: optional(flag('whether what the coarser pass finds counts as well')),
    }),
  ),
})

export const passes = list(pass, 'a list of passes, e.g. [{"longSide": 640}]')

/** Without an entry for its class, a raw score is unchanged. */
export const calibration = byClass(numbers(2, 'two numbers a, b: score = sigmoid(a * logit(raw) + b)'))

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
      longSide: positive('side of the square in px of the network input', 4096),
      weight: number('a number'),
    }),
    'a list of {window, longSide, weight}',
  ),
})

const participation = object({ passes, closer: optional(closer), calibration })

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
      /** The classes of which scores are computed; absent: all. */
      keep: optional(
        object({
          outputs: list(text('an output'), 'a list of outputs with scores'),
          of: positive('the number of classes in the graph'),
          classes: list(number('the number of a class in the graph', 0), 'a list of numbers of classes, ascending'),
        }),
      ),
    }),
  ),
})

/** Links may not lead out of the folder. */
const file = text(
  'the path of the ONNX file inside the models folder, with / and without ..',
  /^(?!.*(^|\/)\.{1,2}(\/|$))[^/\\:][^\\:]*$/,
)

/**
 * The same network in 8-bit integers, for processors that compute faster with them. Its
 * input is 1 x H x W x 4 of RGBX bytes, its outputs are those of the float file.
 */
const int8 = object({
  file,
  sha256,
  /** For the build: the ranges of its values. */
  ranges: optional(text('the path of a file of ranges, see models/README.md')),
})

const common = {
  $schema: optional(text('the address of the JSON Schema of manifests, for editors')),
  version: optional(oneOf([1])),
  name: modelName,
  title: text('the published name'),
  file,
  sha256,
  bytes: optional(positive('size of the file in bytes', 2 ** 31)),
  url: optional(text('an address that begins with https://', /^https:\/\/[^\s]+$/)),
  /**
   * Models that, in `fast`, `standard` and `thorough`, no longer look for what this one looks for
   * there.
   */
  replaces: optional(list(modelName, 'a list of names of models')),
  licence: text('the SPDX licence of the weights'),
  origin: text('who created the weights and where they were published'),
  training: text('the training data and its terms'),
  build: optional(build),
  int8: optional(int8),
  /**
   * Inner values of the graph that become its outputs: what follows, often tied to one size, is not
   * run, and height and width of the input become variable.
   */
  cut: optional(list(text('the name of a value in the graph'), 'a list of names of inner values of the graph')),
  input,
}

function detector<D>(decoder: Check<D>) {
  return object({
    ...common,
    task: oneOf(['detect']),
    decoder,
    classes: classMap,
    /**
     * Within a pass a box is dropped that overlaps a better one by `iou`, or of which the fraction
     * `inside` lies in a better one. Absent: the network gives no duplicates.
     */
    nms: optional(object({ iou: fraction('intersection over union'), inside: optional(fraction('fraction of the box')) })),
    /**
     * The profiles in which the model takes part: fast, standard and thorough (absent: as standard)
     * over the whole image, tiles over the tiles of a large one in any of them, thorough-tiles
     * (absent: as tiles) in thorough. A profile of one's own may name the model instead.
     */
    profiles: object({
      fast: optional(participation),
      standard: optional(participation),
      thorough: optional(participation),
      tiles: optional(participation),
      'thorough-tiles': optional(participation),
    }),
  })
}

type Decoders = typeof detectorDecoders
type Detectors = { [T in keyof Decoders]: ReturnType<typeof detector<Checked<Decoders[T]>>> }

/** The form of a manifest by the type of its decoder. */
export const manifestForms = {
  ...(Object.fromEntries(
    Object.entries(detectorDecoders).map(([type, decoder]) => [type, detector(decoder as Check<unknown>)]),
  ) as unknown as Detectors),
  mask: object({ ...common, task: oneOf(['segment']), decoder: maskDecoder }),
}

const { schema: detectorSchema } = manifestForms.ssd

/** The JSON Schema of manifests for editors and other programs. */
export const manifestJsonSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Obscura model manifest, version 1',
  anyOf: [
    {
      ...detectorSchema,
      properties: {
        ...(detectorSchema.properties as JsonSchema),
        decoder: { anyOf: Object.values(detectorDecoders).map(({ schema }) => schema) },
      },
    },
    manifestForms.mask.schema,
  ],
}
