import { logit, sigmoid } from '../../score.js'
import type { ManifestOf } from '../manifest.js'
import { around } from './boxes.js'
import { type Decoder, floats, type Inference, reaching, requireClasses } from './decoder.js'

type Settings = ManifestOf<'ssd'>['decoder']

/** Single-shot detectors with anchor boxes (https://arxiv.org/abs/1512.02325). */
export const ssd: Decoder<'ssd'> = (settings, { outputs, input, indices, floor }) => {
  const logits = floats(outputs, settings.scores)
  const offsets = floats(outputs, settings.boxes)
  const levels = settings.levels.map(level => levelOf(level, input))
  const classes = logits.length / levels.reduce((sum, { anchors, cells }) => sum + anchors.length * cells, 0)
  requireClasses(indices, classes)
  const { scoreOf, candidates } = ACTIVATIONS[settings.activation]
  let first = 0
  return levels.flatMap(({ anchors, columns, cells, stepX, stepY }) => {
    const start = first
    first += anchors.length * cells
    return indices.flatMap(index =>
      candidates({ logits, classes, index }, start, first, floor).map(anchor => {
        const cell = Math.floor((anchor - start) / anchors.length)
        const [width, height] = anchors[(anchor - start) % anchors.length]
        const [x, y, w, h] = offset(offsets, anchor * 4, settings)
        const box = around(
          ((cell % columns) + 0.5) * stepX + x * width,
          (Math.floor(cell / columns) + 0.5) * stepY + y * height,
          w * width,
          h * height,
        )
        return { index, score: scoreOf({ logits, classes, index }, anchor), box }
      }),
    )
  })
}

/** The cells of a level and their distance in px of the input. */
function levelOf(level: Settings['levels'][number], { width, height }: Inference['input']) {
  const { anchors } = level
  if ('cells' in level) {
    const across = level.cells
    return { anchors, columns: across, cells: across * across, stepX: width / across, stepY: height / across }
  }
  const columns = Math.ceil(width / level.stride)
  return { anchors, columns, cells: columns * Math.ceil(height / level.stride), stepX: level.stride, stepY: level.stride }
}

/** Shift of the centre in anchor sizes, and factors of width and height. */
function offset(data: Float32Array, at: number, { order, variance }: Settings): [x: number, y: number, w: number, h: number] {
  const [x, y, w, h] = order === 'xywh' ? [0, 1, 2, 3] : [1, 0, 3, 2]
  return [
    data[at + x] * variance[0],
    data[at + y] * variance[0],
    Math.exp(data[at + w] * variance[1]),
    Math.exp(data[at + h] * variance[1]),
  ]
}

/** The class whose scores are read, among those of each anchor. */
interface Scores {
  logits: Float32Array
  classes: number
  index: number
}

/** How logits become scores, and which anchors of start..end reach the floor. */
interface Activation {
  scoreOf(scores: Scores, anchor: number): number
  candidates(scores: Scores, start: number, end: number, floor: number): number[]
}

function anchorsReaching({ logits, classes, index }: Scores, start: number, end: number, least: number): number[] {
  return reaching(logits, least, start * classes + index, end * classes, classes).map(place => (place - index) / classes)
}

function softmax({ logits, classes, index }: Scores, anchor: number): number {
  const own = logits[anchor * classes + index]
  let sum = 0
  for (let k = 0; k < classes; k++) sum += Math.exp(logits[anchor * classes + k] - own)
  return 1 / sum
}

/** Skips anchors whose score another class alone makes smaller than the floor. */
function anchorsLeading(scores: Scores, start: number, end: number, floor: number): number[] {
  const { logits, classes, index } = scores
  const most = -logit(floor)
  const leading: number[] = []
  for (let anchor = start; anchor < end; anchor++) {
    const own = logits[anchor * classes + index]
    let ahead = Number.NEGATIVE_INFINITY
    for (let k = 0; k < classes; k++) {
      const value = logits[anchor * classes + k]
      if (k !== index && value > ahead) ahead = value
    }
    if (ahead - own <= most && softmax(scores, anchor) >= floor) leading.push(anchor)
  }
  return leading
}

const plain = ({ logits, classes, index }: Scores, anchor: number) => logits[anchor * classes + index]

const ACTIVATIONS: Record<Settings['activation'], Activation> = {
  sigmoid: {
    scoreOf: (scores, anchor) => sigmoid(plain(scores, anchor)),
    candidates: (scores, start, end, floor) => anchorsReaching(scores, start, end, logit(floor)),
  },
  softmax: { scoreOf: softmax, candidates: anchorsLeading },
  none: { scoreOf: plain, candidates: anchorsReaching },
}
