/** The form of a manifest. The descriptions are what the author of a faulty one reads: each says what is expected in its place. */
import { type TObject, type TSchema, Type } from 'typebox'
import { CLASSES } from '../parameters.js'

const text = (description: string) => Type.String({ minLength: 1, description })
const pixels = (description: string) => Type.Integer({ minimum: 1, description })
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description })
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'a SHA-256 as 64 lower-case hex digits' })
const objectClass = Type.Enum([...CLASSES], { description: `one of ${CLASSES.join(', ')}` })
const closed = <T extends Record<string, TSchema>>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: false, description })

const channels = Type.Tuple([Type.Number(), Type.Number(), Type.Number()], {
  description: 'three numbers, one a channel, in the order of `channels`',
})

const size = Type.Union(
  [
    closed({ multiple: pixels('sides are multiples of this') }, 'free size'),
    closed({ width: pixels('width in px'), height: pixels('height in px') }, 'fixed size'),
  ],
  { description: 'either {"multiple": px} for a network that takes any size, or {"width": px, "height": px}' },
)

const input = closed(
  {
    tensor: text('name of the input tensor, float32 [1, 3, H, W] (mask: [n, 4, H, W])'),
    size,
    resize: Type.Enum(['letterbox', 'stretch'], {
      description: 'letterbox (keep the aspect, pad the rest) or stretch (fill the network input)',
    }),
    padding: closed(
      {
        value: Type.Number({ description: 'a number 0..255: the grey outside the image, before mean and std' }),
        position: Type.Enum(['end', 'centre'], { description: 'end (image at the top left) or centre' }),
      },
      'an object with value and position',
    ),
    channels: Type.Enum(['rgb', 'bgr'], { description: 'rgb or bgr' }),
    mean: channels,
    std: channels,
  },
  'an object; a sample 0..255 becomes (sample - mean) / std',
)

const boxList = { scores: text('name of the score tensor'), boxes: text('name of the box tensor') }
const stride = pixels('distance of two cells in px of the network input')
const anchors = Type.Array(Type.Tuple([Type.Number(), Type.Number()]), {
  minItems: 1,
  description: 'a list of [width, height] in px of the network input, one an anchor of each cell',
})

/**
 * How outputs become boxes. "Cell (x, y)" has its centre at ((x + 0.5) * stride, (y + 0.5) * stride) of the network input; lists run over
 * levels, rows, columns, then anchors.
 */
const decoders = {
  /** Scores (1, N, classes) 0..1; distances (1, N, 4 * bins): expectation of softmax over the bins * stride = left, top, right, bottom. */
  nanodet: closed(
    {
      type: Type.Literal('nanodet'),
      bins: pixels('bins of each distance'),
      levels: Type.Array(closed({ stride, scores: boxList.scores, distances: text('name of the distance tensor') }, 'a level'), {
        minItems: 1,
        description: 'a list of {stride, scores, distances}',
      }),
    },
    'decoder nanodet: type, bins, levels',
  ),
  /** Scores (1, N, classes) logits; boxes (1, N, 4) offsets to anchors: centre += offset * variance[0] * size, size *= exp(offset * variance[1]). */
  ssd: closed(
    {
      type: Type.Literal('ssd'),
      ...boxList,
      activation: Type.Enum(['sigmoid', 'softmax'], { description: 'sigmoid or softmax: what turns logits into scores' }),
      order: Type.Enum(['xywh', 'yxhw'], { description: 'xywh or yxhw: order of the four offsets' }),
      variance: Type.Tuple([Type.Number(), Type.Number()], { description: 'two numbers: for centres, for sizes' }),
      levels: Type.Array(
        Type.Union(
          [closed({ stride, anchors }, 'by stride'), closed({ cells: pixels('cells across and down'), anchors }, 'by cells')],
          {
            description: 'either {stride, anchors}: ceil(side / stride) cells; or {cells, anchors}: stride = side / cells',
          },
        ),
        { minItems: 1, description: 'a list of {stride or cells, anchors}' },
      ),
    },
    'decoder ssd: type, scores, boxes, activation, order, variance, levels',
  ),
  /** Scores (1, N, 1) logits; boxes (1, N, 4 or more): centre x, y relative to the cell's centre, width, height, all in px of the network input. */
  blazeface: closed(
    {
      type: Type.Literal('blazeface'),
      levels: Type.Array(closed({ stride, anchorsPerCell: pixels('boxes of each cell'), ...boxList }, 'a level'), {
        minItems: 1,
        description: 'a list of {stride, anchorsPerCell, scores, boxes}',
      }),
    },
    'decoder blazeface: type, levels',
  ),
  /** One tensor (1, 5, H / stride, W / stride) a level: score 0..1; left, top, right, bottom from the cell's centre in px of the network input. */
  plate: closed(
    {
      type: Type.Literal('plate'),
      levels: Type.Array(closed({ stride, output: text('name of the output tensor') }, 'a level'), {
        minItems: 1,
        description: 'a list of {stride, output}',
      }),
    },
    'decoder plate: type, levels',
  ),
  /**
   * Logits (n, 1, h, w) of the object of a box. The input is the box grown by `margin` a side, stretched; its fourth channel marks the box:
   * `marker` of the class in rows and columns from..to (exclusive), 0 elsewhere. Colours outside the image are 0 after mean and std.
   */
  mask: closed(
    {
      type: Type.Literal('mask'),
      output: text('name of the output tensor'),
      margin: share('a share 0..1 of the box, added on each side'),
      box: closed(
        { from: pixels('first row and column'), to: pixels('row and column after the last') },
        'an object with from and to',
      ),
      marker: Type.Partial(Type.Record(objectClass, Type.Number()), {
        description: 'a number for each class the network outlines',
      }),
      thresholds: Type.Partial(Type.Record(objectClass, Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })), {
        description: 'for each class the probability (0..1, exclusive) from which a pixel belongs to the object',
      }),
      smallest: pixels('boxes with a smaller sqrt(area), in px of the image, get a plain shape'),
    },
    'decoder mask: type, output, margin, box, marker, thresholds, smallest',
  ),
}

/** One look at the image. Without `tile` the whole image, else overlapping tiles. */
const pass = closed(
  {
    longSide: Type.Optional(pixels('long side of the view in px of the network input (networks of free size)')),
    tile: Type.Optional(share("a tile's side as a share 0..1 of the image's long side")),
    overlap: Type.Optional(share('the share 0..1 of a tile that neighbours share')),
    largest: Type.Optional(pixels('keep only boxes with a smaller sqrt(area), in px of the network input')),
    enlarge: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'a number: the view is enlarged at most so many times (networks of free size)',
      }),
    ),
  },
  'a pass: longSide, tile, overlap, largest, enlarge (all optional)',
)

const calibration = Type.Tuple([Type.Number(), Type.Number()], {
  description: 'two numbers a, b: score = sigmoid(a * logit(raw) + b)',
})

const profile = closed(
  {
    passes: Type.Array(pass, { minItems: 1, description: 'a list of passes' }),
    calibration: Type.Partial(Type.Record(objectClass, calibration), { description: '[a, b] for each class, {} for raw scores' }),
  },
  'an object with passes and calibration',
)

/** Where the ONNX file comes from when it is converted; absent for a file that is used as it lies. */
const build = closed(
  {
    converter: Type.Enum(['tfjs', 'face-api', 'ultraface'], { description: 'tfjs, face-api or ultraface' }),
    package: text('npm package@version that holds the sources'),
    sources: Type.Array(closed({ path: text('path inside the package'), sha256 }, 'a source'), {
      minItems: 1,
      description: 'a list of {path, sha256}; the first one is the graph or the weight manifest',
    }),
    graph: Type.Optional(
      closed(
        {
          input: closed(
            {
              node: text('node of the graph that becomes the input'),
              shape: Type.Array(Type.Integer({ minimum: 1 }), {
                minItems: 4,
                maxItems: 4,
                description: 'its four sizes in the graph',
              }),
              layout: Type.Enum(['NHWC', 'NCHW'], { description: 'NHWC or NCHW: meaning of the four sizes' }),
            },
            'an object with node, shape, layout',
          ),
          outputs: Type.Record(Type.String(), text('node of the graph'), {
            description: 'for each output tensor the node behind it',
          }),
          free: Type.Boolean({ description: 'true: height and width stay free' }),
        },
        'an object with input, outputs, free',
      ),
    ),
  },
  'an object with converter, package, sources and (tfjs) graph',
)

const common = {
  name: Type.String({
    pattern: '^[a-z0-9][a-z0-9-]*$',
    description: "the file's name without .json: lower-case letters, digits, hyphens",
  }),
  title: text('the name people know'),
  file: text('the ONNX file, relative to the models folder'),
  sha256,
  licence: text('SPDX licence of the weights'),
  origin: text('who made the weights, and where they were published'),
  training: text('the data it was trained on, and its terms'),
  build: Type.Optional(build),
  input,
}

const detector = <D extends TObject>(decoder: D) =>
  closed(
    {
      ...common,
      task: Type.Literal('detect', { description: '"detect" with this decoder' }),
      decoder,
      classes: Type.Record(Type.String({ pattern: '^[0-9]+$' }), objectClass, {
        minProperties: 1,
        description: `for each index of the network that counts the class: ${CLASSES.join(', ')}`,
      }),
      nms: closed(
        {
          iou: share('boxes of a pass that overlap a better one by this IoU are dropped'),
          inside: Type.Optional(share('so are boxes of which this share lies inside a better one')),
        },
        'an object with iou and, optional, inside',
      ),
      profiles: closed(
        { fast: Type.Optional(profile), standard: Type.Optional(profile), tiles: Type.Optional(profile) },
        'passes and calibration for the profiles in which the model takes part: fast or standard over the whole image, tiles over the tiles of large images in either',
      ),
    },
    'a manifest',
  )

/** The schema of a manifest by the type of its decoder. */
export const manifestSchemas = {
  nanodet: detector(decoders.nanodet),
  ssd: detector(decoders.ssd),
  blazeface: detector(decoders.blazeface),
  plate: detector(decoders.plate),
  mask: closed(
    { ...common, task: Type.Literal('segment', { description: '"segment" with decoder mask' }), decoder: decoders.mask },
    'a manifest',
  ),
}
