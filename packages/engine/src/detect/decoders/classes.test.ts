import { Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import type { DetectorManifest } from '../manifest.js'
import { decode } from './table.js'

const zeros = (...dims: number[]) => new Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b, 1)), dims)

/** Networks of two classes, looking at 16 x 8 px: two cells of stride 8. */
const NETWORKS: [name: string, decoder: DetectorManifest['decoder'], outputs: Record<string, Tensor>][] = [
  [
    'nanodet',
    { type: 'nanodet', bins: 3, levels: [{ stride: 8, scores: 's', distances: 'd' }] },
    { s: zeros(1, 2, 2), d: zeros(1, 2, 12) },
  ],
  ['nanodet-plus', { type: 'nanodet-plus', output: 'o', bins: 3, strides: [8] }, { o: zeros(1, 2, 14) }],
  [
    'ssd',
    {
      ...{ type: 'ssd', scores: 's', boxes: 'b', activation: 'none', order: 'xywh', variance: [0.1, 0.2] },
      levels: [{ stride: 8, anchors: [[8, 8]] }],
    },
    { s: zeros(1, 2, 2), b: zeros(1, 2, 4) },
  ],
  ['yolox', { type: 'yolox', output: 'o', strides: [8] }, { o: zeros(1, 2, 7) }],
  ['yolox with maps', { type: 'yolox', levels: [{ stride: 8, output: 'o' }] }, { o: zeros(1, 7, 1, 2) }],
  ['yolov8', { type: 'yolov8', output: 'o' }, { o: zeros(1, 6, 2) }],
  ['yolov8 with masks', { type: 'yolov8', output: 'o', prototypes: 'p' }, { o: zeros(1, 10, 2), p: zeros(1, 4, 2, 4) }],
  ['detr', { type: 'detr', scores: 's', boxes: 'b' }, { s: zeros(1, 3, 2), b: zeros(1, 3, 4) }],
]

describe.each(NETWORKS)('%s', (_, decoder, outputs) => {
  const found = (index: number) => decode(decoder, { outputs, input: { width: 16, height: 8 }, indices: [index], floor: 0.6 })

  test('reads the classes that the network has', () => {
    expect(found(0)).toEqual([])
    expect(found(1)).toEqual([])
  })

  test('refuses others', () => {
    expect(() => found(2)).toThrow('the network has 2 classes, counted from 0, and no class 2')
  })
})
