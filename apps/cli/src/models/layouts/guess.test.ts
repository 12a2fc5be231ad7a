import { describe, expect, test } from 'vitest'
import { newManifest } from '../new-manifest.js'
import { guessLayouts, LAYOUTS } from './guess.js'
import { inputFor } from './inputs.js'
import type { Signature, TensorInfo } from './signature.js'

type Tensor = [name: string, ...shape: (number | string)[]]
const tensor = ([name, ...shape]: Tensor, type = 'float32'): TensorInfo => ({ name, type, shape })

function signature(input: Tensor, outputs: Tensor[], further: TensorInfo[] = []): Signature {
  return { inputs: [tensor(input), ...further], outputs: outputs.map(output => tensor(output)) }
}

const square = (size: number): Tensor => ['images', 1, 3, size, size]
const yunetOutputs = ['cls', 'obj', 'bbox', 'kps'].flatMap(kind =>
  [8, 16, 32].map((stride): Tensor => [`${kind}_${stride}`, 'batch', 'dim', { cls: 1, obj: 1, bbox: 4, kps: 10 }[kind]!]),
)
const scrfdOutputs = [1, 4, 10].flatMap((columns, i) =>
  [12800, 3200, 800].map((rows, j): Tensor => [`out${3 * i + j}`, 1, rows, columns]),
)
const sizes = { name: 'orig_target_sizes', type: 'int64', shape: ['N', 2] }
const mask = signature(['image', 3, 'height', 'width'], [['6568', 'n', 4]])

/** The tensors of published files. */
const FILES: [file: string, signature: Signature, layout: string, fit: string][] = [
  ['yolox_nano', signature(square(416), [['output', 1, 3549, 85]]), 'yolox', 'certain'],
  ['yolox of free size', signature(['images', 1, 3, 'h', 'w'], [['output', 1, 'n', 85]]), 'yolox', 'likely'],
  [
    'nanodet_m',
    signature(
      square(416),
      [80, 32].flatMap(columns => [2704, 676, 169].map((rows): Tensor => [`${columns}-${rows}`, 1, rows, columns])),
    ),
    'nanodet',
    'certain',
  ],
  ['nanodet-plus-m', signature(['data', 1, 3, 416, 416], [['output', 1, 3598, 112]]), 'nanodet-plus', 'certain'],
  ['yolov8n', signature(square(640), [['output0', 1, 84, 8400]]), 'yolov8', 'certain'],
  [
    'yolov8n-seg',
    signature(square(320), [
      ['output0', 1, 116, 2100],
      ['output1', 1, 32, 80, 80],
    ]),
    'yolov8',
    'certain',
  ],
  [
    'yolo11n-seg',
    signature(square(640), [
      ['output0', 1, 116, 8400],
      ['output1', 1, 32, 160, 160],
    ]),
    'yolov8',
    'certain',
  ],
  ['yunet_n_dynamic', signature(['input', 'batch', 3, 'height', 'width'], yunetOutputs), 'yunet', 'certain'],
  ['scrfd_500m_kps', signature(square(640), scrfdOutputs), 'scrfd', 'certain'],
  [
    'dfine_s',
    signature(
      ['pixel_values', 'b', 3, 640, 640],
      [
        ['logits', 'b', 300, 80],
        ['pred_boxes', 'b', 300, 4],
      ],
    ),
    'detr',
    'likely',
  ],
  [
    'deimv2_atto',
    signature(
      ['images', 'N', 3, 320, 320],
      [
        ['labels', 'n', 'q'],
        ['boxes', 'n', 'q', 4],
        ['scores', 'n', 'q'],
      ],
      [sizes],
    ),
    'detr-sizes',
    'certain',
  ],
  [
    'rfdetr-seg-nano',
    signature(
      ['input', 1, 3, 312, 312],
      [
        ['dets', 1, 100, 4],
        ['labels', 1, 100, 91],
        ['masks', 1, 100, 78, 78],
      ],
    ),
    'rfdetr',
    'certain',
  ],
  [
    'rtmdet_nano',
    signature(
      ['input', 'batch', 3, 'height', 'width'],
      [
        ['dets', 'batch', 'n', 'd'],
        ['labels', 'batch', 'n'],
      ],
    ),
    'mmdeploy',
    'likely',
  ],
  [
    'picodet_xs_320_lcnet_postprocessed',
    signature(
      ['image', '', 3, 320, 320],
      [
        ['multiclass_nms3_0.tmp_0', 2125, 6],
        ['multiclass_nms3_0.tmp_2', 1],
      ],
      [tensor(['scale_factor', 1, 2])],
    ),
    'paddle',
    'certain',
  ],
  ['yolo-v9-t-640-license-plates-end2end', signature(square(640), [['output', 'n', 7]]), 'end-to-end', 'likely'],
  ['yolov10n', signature(square(640), [['output0', 1, 300, 6]]), 'end-to-end', 'possible'],
  [
    'retinaface mobilenet0.25',
    signature(
      ['input0', 1, 3, 640, 640],
      [
        ['loc', 1, 16800, 4],
        ['conf', 1, 16800, 2],
        ['landms', 1, 16800, 10],
      ],
    ),
    'retinaface',
    'likely',
  ],
  [
    'centerface',
    signature(
      ['input.1', 10, 3, 32, 32],
      [
        ['537', 10, 1, 8, 8],
        ['538', 10, 2, 8, 8],
        ['539', 10, 2, 8, 8],
        ['540', 10, 10, 8, 8],
      ],
    ),
    'centerface',
    'likely',
  ],
  [
    'MaskRCNN-12',
    {
      ...mask,
      outputs: [
        ...mask.outputs,
        { name: '6570', type: 'int64', shape: ['n'] },
        tensor(['6572', 'n']),
        tensor(['6887', 'n', 1, 28, 28]),
      ],
    },
    'maskrcnn',
    'likely',
  ],
]

describe('the layout of a published file is recognised from its tensors', () => {
  test.each(FILES)('%s', (_, file, layout, fit) => {
    expect(guessLayouts(file)[0]).toMatchObject({ name: layout, fit })
  })

  test('for every known layout', () => {
    expect(Object.keys(LAYOUTS).filter(name => !FILES.some(([, , layout]) => layout === name))).toEqual([])
  })
})

test('tensors that fit no layout give no guess', () => {
  expect(guessLayouts(signature(square(224), [['probabilities', 1, 1000]]))).toEqual([])
  expect(guessLayouts(signature(square(640), [['output', 1, 8401, 85]]))).toEqual([])
})

test('a YOLOX whose end only joins its maps is cut there and takes any size', () => {
  const yolox = { ...signature(square(416), [['output', 1, 3549, 85]]), maps: ['a', 'b', 'c'] }
  const [{ parts }] = guessLayouts(yolox)
  const facts = {
    name: 'cut',
    title: 'Cut',
    file: 'files/cut.onnx',
    sha256: '0'.repeat(64),
    licence: 'MIT',
    origin: 'us',
    training: '-',
  }
  expect(newManifest(facts, yolox, parts)).toMatchObject({
    cut: ['a', 'b', 'c'],
    input: { size: { multiple: 32 } },
    decoder: { levels: [8, 16, 32].map((stride, i) => ({ stride, output: ['a', 'b', 'c'][i] })) },
    profiles: { standard: { passes: [{ longSide: 640 }, { longSide: 960 }] } },
  })
})

test('the input has the size of the file, and the preprocessing of its family', () => {
  expect(inputFor(signature(square(416), []), 'yolox', false)).toMatchObject({
    tensor: 'images',
    size: { width: 416, height: 416 },
    channels: 'bgr',
    padding: { value: 114, position: 'end' },
  })
  expect(inputFor(signature(['image', 3, 'h', 'w'], []), 'detectron', false)).toMatchObject({
    batch: false,
    size: { multiple: 32 },
  })
})
