import { logit, sigmoid } from '../../score.js'
import type { ManifestOf } from '../manifest.js'
import { type Answer, type Decoder, floats, type RawBox } from './decoder.js'

type Settings = ManifestOf<'ssd'>['decoder']

/** Single-shot detectors with anchor boxes (https://arxiv.org/abs/1512.02325). */
export const ssd: Decoder<'ssd'> = (settings, { outputs, input, indices, floor }) => {
  const logits = floats(outputs, settings.scores)
  const offsets = floats(outputs, settings.boxes)
  const levels = settings.levels.map(level => levelOf(level, input))
  const classes = logits.length / levels.reduce((sum, { anchors, cells }) => sum + anchors.length * cells, 0)
  const score = settings.activation === 'sigmoid' ? independent : exclusive
  const least = logit(floor)
  const found: RawBox[] = []
  let first = 0
  for (const { anchors, columns, cells, stepX, stepY } of levels) {
    const end = first + anchors.length * cells
    for (let anchor = first; anchor < end; anchor++) {
      for (let k = 0; k < indices.length; k++) {
        const value = score(logits, anchor * classes, classes, indices[k], least)
        if (value < floor) continue
        const cell = Math.floor((anchor - first) / anchors.length)
        const [width, height] = anchors[(anchor - first) % anchors.length]
        const [x, y, w, h] = offset(offsets, anchor * 4, settings)
        const cx = ((cell % columns) + 0.5) * stepX + x * width
        const cy = (Math.floor(cell / columns) + 0.5) * stepY + y * height
        const [dx, dy] = [(w * width) / 2, (h * height) / 2]
        found.push({ index: indices[k], score: value, box: [cx - dx, cy - dy, cx + dx, cy + dy] })
      }
    }
    first = end
  }
  return found
}

/** The cells of a level and their distance in px of the input. */
function levelOf(level: Settings['levels'][number], { width, height }: Answer['input']) {
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

/** Sigmoid of the class's logit; 0 below `least`, which avoids the exponential for most anchors. */
function independent(logits: Float32Array, start: number, _classes: number, index: number, least: number): number {
  const own = logits[start + index]
  return own < least ? 0 : sigmoid(own)
}

/** Softmax; 0 where another class alone makes it smaller than sigmoid(least). */
function exclusive(logits: Float32Array, start: number, classes: number, index: number, least: number): number {
  const own = logits[start + index]
  let sum = 1
  for (let k = 0; k < classes; k++) {
    if (k === index) continue
    const ahead = logits[start + k] - own
    if (ahead > -least) return 0
    sum += Math.exp(ahead)
  }
  return 1 / sum
}
