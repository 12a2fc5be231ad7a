/**
 * Every layout of outputs that a manifest can describe, on tiny networks whose output is known: the
 * same object in each, in the same place.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Box, Detection, Raster } from '@obscura/engine'
import { detect, loadNetworks, segment } from '@obscura/engine/internals'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Constant, INPUT, install, networkOf, SIDE } from './test/tiny-model.js'

/** Where the object is in the input of 64 x 64 px, and in the image that fills 64 x 48 of it. */
const IN_INPUT: Box = [16, 8, 48, 40]
const IN_IMAGE: Box = [80, 40, 240, 200]
const IMAGE: Raster = { width: 320, height: 240, data: new Uint8Array(320 * 240 * 3).fill(90) }

interface Layout {
  /** The outputs of the network, whatever it sees. */
  outputs: Record<string, Constant>
  decoder: object
  classes?: object | string
  input?: object
  score: number
  /** Pixels of the object in the image, where the network gives its mask. */
  pixels?: number
}

/** Sets consecutive values of a row. */
const row = (place: number[], values: number[]): Constant['set'] => values.map((value, k) => [[...place, k], value])

/** A logit so large that the edge of a mask does not depend on the threshold. */
const SURE = 1000

/** The left half of the object in a map of 16 x 16 cells of 4 px. */
const LEFT_HALF = (place: number[]): Constant['set'] =>
  Array.from({ length: 8 }, (_, y) => [4, 5, 6, 7].map((x): Constant['set'][number] => [[...place, 2 + y, x], SURE])).flat()

const ln2 = Math.log(2)
const CENTRE = [32, 24, 32, 32]
const FRACTIONS = [0.5, 0.375, 0.5, 0.5]

const LAYOUTS: Record<string, Layout> = {
  'yolox, one tensor': {
    // Level 16 begins at row 64; its cell (2, 1) is row 64 + 6.
    outputs: { output: { dims: [1, 84, 8], set: row([0, 70], [0, 0.5, ln2, ln2, 0.9, 0, 0, 0.8]) } },
    decoder: { type: 'yolox', output: 'output', strides: [8, 16, 32] },
    score: 0.72,
  },
  'yolox, a map a level': {
    outputs: {
      s16: { dims: [1, 8, 4, 4], set: [0, 0.5, ln2, ln2, 0.9, 0, 0, 0.8].map((value, k) => [[0, k, 1, 2], value]) },
    },
    decoder: { type: 'yolox', levels: [{ stride: 16, output: 's16' }] },
    score: 0.72,
  },
  yolov8: {
    outputs: { output0: { dims: [1, 7, 5], set: [...CENTRE, 0, 0, 0.72].map((value, k) => [[0, k, 3], value]) } },
    decoder: { type: 'yolov8', output: 'output0' },
    score: 0.72,
  },
  'yolov8 that segments': {
    outputs: {
      output0: { dims: [1, 9, 5], set: [...CENTRE, 0, 0, 0.72, 1, 0].map((value, k) => [[0, k, 3], value]) },
      output1: { dims: [1, 2, 16, 16], set: LEFT_HALF([0, 0]), rest: -SURE },
    },
    decoder: { type: 'yolov8', output: 'output0', prototypes: 'output1' },
    score: 0.72,
    pixels: 80 * 160,
  },
  'yolo11-seg, its full shape': {
    // 80 classes and 32 factors; the cells of strides 8, 16 and 32.
    outputs: {
      output0: {
        dims: [1, 116, 84],
        set: [
          ...CENTRE.map((value, k): Constant['set'][number] => [[0, k, 70], value]),
          [[0, 4 + 2, 70], 0.72],
          [[0, 84 + 31, 70], 1],
        ],
      },
      output1: { dims: [1, 32, 16, 16], set: LEFT_HALF([0, 31]), rest: -SURE },
    },
    decoder: { type: 'yolov8', output: 'output0', prototypes: 'output1' },
    classes: 'coco80',
    score: 0.72,
    pixels: 80 * 160,
  },
  'detr, D-FINE': {
    outputs: {
      logits: { dims: [1, 4, 3], set: [[[0, 2, 2], 1]], rest: -9 },
      pred_boxes: { dims: [1, 4, 4], set: row([0, 2], FRACTIONS) },
    },
    decoder: { type: 'detr', scores: 'logits', boxes: 'pred_boxes' },
    score: 1 / (1 + Math.exp(-1)),
  },
  'detr with masks, RF-DETR-Seg': {
    outputs: {
      labels: { dims: [1, 4, 91], set: [[[0, 2, 3], 1]], rest: -9 },
      dets: { dims: [1, 4, 4], set: row([0, 2], FRACTIONS) },
      masks: { dims: [1, 4, 16, 16], set: LEFT_HALF([0, 2]), rest: -SURE },
    },
    decoder: { type: 'detr', scores: 'labels', boxes: 'dets', masks: { output: 'masks', values: 'logits' } },
    classes: 'coco91',
    score: 1 / (1 + Math.exp(-1)),
    pixels: 80 * 160,
  },
  'detections, labels of int64': {
    outputs: {
      boxes: { dims: [1, 3, 4], set: row([0, 1], [...IN_INPUT]) },
      scores: { dims: [1, 3], set: [[[0, 1], 0.72]] },
      labels: { dims: [1, 3], set: [[[0, 1], 2]], type: 'INT64' },
    },
    decoder: { type: 'detections', boxes: 'boxes', scores: 'scores', labels: 'labels' },
    score: 0.72,
  },
  'mmdeploy, RTMDet-Ins': {
    outputs: {
      dets: { dims: [1, 3, 5], set: row([0, 1], [...IN_INPUT, 0.72]) },
      labels: { dims: [1, 3], set: [[[0, 1], 2]], type: 'INT64' },
      masks: { dims: [1, 3, 16, 16], set: LEFT_HALF([0, 1]).map(([at]) => [at, 1]) },
    },
    decoder: {
      type: 'detections',
      boxes: 'dets',
      labels: 'labels',
      masks: { output: 'masks', values: 'probabilities', threshold: 0.5, frame: 'input' },
    },
    score: 0.72,
    pixels: 80 * 160,
  },
  'Mask R-CNN, without a batch': {
    outputs: {
      boxes: { dims: [3, 4], set: row([1], [...IN_INPUT]) },
      labels: { dims: [3], set: [[[1], 2]], type: 'INT64' },
      scores: { dims: [3], set: [[[1], 0.72]] },
      masks: {
        dims: [3, 1, 28, 28],
        set: Array.from({ length: 28 * 14 }, (_, i) => [[1, 0, Math.floor(i / 14), i % 14], 1]),
      },
    },
    decoder: {
      ...{ type: 'detections', boxes: 'boxes', scores: 'scores', labels: 'labels' },
      masks: { output: 'masks', values: 'probabilities', threshold: 0.5, frame: 'box' },
    },
    input: { batch: false },
    score: 0.72,
    pixels: 80 * 160,
  },
  'rows of seven': {
    outputs: { out: { dims: [3, 7], set: row([1], [0, ...IN_INPUT, 2, 0.72]) } },
    decoder: { type: 'rows', output: 'out', columns: ['batch', 'x1', 'y1', 'x2', 'y2', 'class', 'score'] },
    score: 0.72,
  },
  'rows of six with the class first, padded with -1': {
    outputs: { out: { dims: [3, 6], set: [...row([1], [2, 0.72, ...IN_INPUT]), ...row([2], [-1, 0.9, ...IN_INPUT])] } },
    decoder: { type: 'rows', output: 'out', columns: ['class', 'score', 'x1', 'y1', 'x2', 'y2'] },
    score: 0.72,
  },
  'rows in fractions, YOLOv10 without its batch': {
    outputs: { out: { dims: [1, 300, 6], set: row([0, 8], [0.25, 0.125, 0.75, 0.625, 0.72, 2]) } },
    decoder: { type: 'rows', output: 'out', columns: ['x1', 'y1', 'x2', 'y2', 'score', 'class'], unit: 'fraction' },
    score: 0.72,
  },
  yunet: {
    outputs: {
      cls: { dims: [1, 16, 1], set: [[[0, 6, 0], 0.8]] },
      obj: { dims: [1, 16, 1], set: [[[0, 6, 0], 0.45]] },
      bbox: { dims: [1, 16, 4], set: row([0, 6], [0, 0.5, ln2, ln2]) },
    },
    decoder: { type: 'yunet', levels: [{ stride: 16, scores: 'cls', objectness: 'obj', boxes: 'bbox' }] },
    score: 0.6,
  },
  scrfd: {
    // Two boxes a cell: the second of cell (2, 1), whose top left is (32, 16).
    outputs: {
      score: { dims: [1, 32, 1], set: [[[0, 13, 0], 0.72]] },
      bbox: { dims: [1, 32, 4], set: row([0, 13], [1, 0.5, 1, 1.5]) },
    },
    decoder: { type: 'scrfd', levels: [{ stride: 16, anchorsPerCell: 2, scores: 'score', distances: 'bbox' }] },
    score: 0.72,
  },
  'ssd with scores, RetinaFace': {
    // The second prior, 32 px, of cell (2, 1), whose centre is (40, 24).
    outputs: {
      conf: { dims: [1, 32, 2], set: row([0, 13], [0.28, 0.72]) },
      loc: { dims: [1, 32, 4], set: row([0, 13], [-2.5, 0, 0, 0]) },
    },
    decoder: {
      ...{ type: 'ssd', scores: 'conf', boxes: 'loc', activation: 'none', order: 'xywh', variance: [0.1, 0.2] },
      levels: [
        {
          stride: 16,
          anchors: [
            [16, 16],
            [32, 32],
          ],
        },
      ],
    },
    classes: { 1: 'vehicle' },
    score: 0.72,
  },
  centerface: {
    // Cell (7, 5) of 4 px, whose centre is (30, 22).
    outputs: {
      heat: { dims: [1, 1, 16, 16], set: [[[0, 0, 5, 7], 0.72]] },
      scale: { dims: [1, 2, 16, 16], set: [0, 1].map(k => [[0, k, 5, 7], Math.log(8)]) },
      offset: { dims: [1, 2, 16, 16], set: [0, 1].map(k => [[0, k, 5, 7], 0.5]) },
    },
    decoder: { type: 'centerface', stride: 4, heat: 'heat', scale: 'scale', offset: 'offset' },
    score: 0.72,
  },
  'nanodet-plus': {
    // Level 16 begins at row 64; the top left of its cell (2, 1) is (32, 16).
    outputs: {
      output: {
        dims: [1, 80, 3 + 4 * 3],
        set: [[[0, 70, 2], 0.72], ...[[1], [0, 1], [1], [1, 2]].flatMap((bins, k) => evenly([0, 70], 3 + 3 * k, bins))],
      },
    },
    decoder: { type: 'nanodet-plus', output: 'output', bins: 3, strides: [8, 16] },
    score: 0.72,
  },
}

/** Bins of the same weight, whose mean is the distance. */
function evenly(place: number[], from: number, bins: number[]): Constant['set'] {
  return bins.map(bin => [[...place, from + bin], 99])
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layouts-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What the engine finds in the image with one model and no other. */
async function find(name: string, model: Uint8Array, parts: object): Promise<Detection[]> {
  const models = join(folder, name)
  await install(models, name, model, parts)
  const networks = await loadNetworks(models, { threads: 1, profile: 'standard' })
  try {
    return await detect(IMAGE, { classes: ['vehicle'], format: 'whole' }, networks)
  } finally {
    await networks.close()
  }
}

describe.each(Object.entries(LAYOUTS))('%s', (title, { outputs, decoder, classes = { 2: 'vehicle' }, input, score, pixels }) => {
  it('finds the object in its place, with its score and its mask', async () => {
    const model = networkOf(outputs, [...(input ? [] : [1]), 3, SIDE, SIDE])
    const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    const found = await find(name, model, { decoder, classes, input: { ...INPUT, ...input } })
    expect(found).toHaveLength(1)
    expect(found[0].score).toBeCloseTo(score, 4)
    found[0].box.forEach((side, k) => {
      expect(side).toBeCloseTo(IN_IMAGE[k], 2)
    })
    const [{ mask, shape }] = await segment(IMAGE, found, { bbox: false, ignores: [] })
    expect(found[0].outlines === undefined).toBe(pixels === undefined)
    if (pixels === undefined) return
    expect(shape).toBe('outline')
    const runs = Array.from({ length: mask.runs.length / 2 }, (_, i) => [mask.runs[2 * i], mask.runs[2 * i + 1]])
    expect(runs.reduce((sum, [start, end]) => sum + end - start, 0)).toBeCloseTo(pixels, -2)
    expect([mask.top, mask.bottom, ...new Set(runs.flat())]).toEqual([40, 200, 80, 160])
  })
})

it('the mask of a mirrored pass is mirrored back', async () => {
  const { outputs, decoder } = LAYOUTS['yolov8 that segments']
  const profiles = { standard: { passes: [{ mirror: true }], calibration: {} } }
  const parts = { decoder, classes: { 2: 'vehicle' }, input: INPUT, profiles }
  const [found] = await find('mirrored', networkOf(outputs, [1, 3, SIDE, SIDE]), parts)
  const [{ mask }] = await segment(IMAGE, [found], { bbox: false, ignores: [] })
  expect([...new Set(mask.runs)]).toEqual([160, 240])
})

it('pixels of little probability belong to the object, unless the manifest asks for more', async () => {
  const { outputs, decoder } = LAYOUTS['yolov8 that segments']
  // A probability of 0.2 in the half that is otherwise sure.
  const unsure = { ...outputs.output1, set: LEFT_HALF([0, 0]).map(([at]): Constant['set'][number] => [at, Math.log(0.25)]) }
  const network = networkOf({ ...outputs, output1: unsure }, [1, 3, SIDE, SIDE])
  const parts = { classes: { 2: 'vehicle' }, input: INPUT }
  const [full] = await find('unsure', network, { ...parts, decoder })
  const [empty] = await find('strict', network, { ...parts, decoder: { ...decoder, threshold: 0.5 } })
  expect(full.outlines).toHaveLength(1)
  expect(empty.outlines).toBeUndefined()
})
