import type { ManifestOf } from '../manifest.js'
import { sigmoid } from '../score.js'
import { type Answer, type Decoder, floats, type RawBox } from './decoder.js'

type Settings = ManifestOf<'ssd'>['decoder']

/** Single-shot detectors with anchor boxes (https://arxiv.org/abs/1512.02325). */
export const ssd: Decoder<'ssd'> = (settings, answer) => {
  const { indices, floor, outputs } = answer
  const logits = floats(outputs, settings.scores)
  const offsets = floats(outputs, settings.boxes)
  const anchors = anchorCount(settings, answer)
  const classes = logits.length / anchors
  const score = settings.activation === 'sigmoid' ? sigmoid1 : softmax1
  const found: RawBox[] = []
  let anchor = 0
  for (const { columns, rows, stepX, stepY, sizes } of levelsOf(settings, answer)) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (const [width, height] of sizes) {
          for (const index of indices) {
            const value = score(logits, anchor * classes, classes, index)
            if (value < floor) continue
            const [x, y, w, h] = offset(offsets, anchor * 4, settings)
            found.push({
              index,
              score: value,
              box: around((column + 0.5) * stepX + x * width, (row + 0.5) * stepY + y * height, w * width, h * height),
            })
          }
          anchor++
        }
      }
    }
  }
  return found
}

/** Centre shift in anchor sizes, and size factors. */
function offset(data: Float32Array, at: number, { order, variance }: Settings): [number, number, number, number] {
  const [x, y, w, h] = order === 'xywh' ? [0, 1, 2, 3] : [1, 0, 3, 2]
  return [
    data[at + x] * variance[0],
    data[at + y] * variance[0],
    Math.exp(data[at + w] * variance[1]),
    Math.exp(data[at + h] * variance[1]),
  ]
}

function around(x: number, y: number, width: number, height: number): RawBox['box'] {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
}

function levelsOf({ levels }: Settings, { input }: Answer) {
  return levels.map(level =>
    'stride' in level
      ? {
          columns: Math.ceil(input.width / level.stride),
          rows: Math.ceil(input.height / level.stride),
          stepX: level.stride,
          stepY: level.stride,
          sizes: level.anchors,
        }
      : {
          columns: level.cells,
          rows: level.cells,
          stepX: input.width / level.cells,
          stepY: input.height / level.cells,
          sizes: level.anchors,
        },
  )
}

function anchorCount(settings: Settings, answer: Answer): number {
  return levelsOf(settings, answer).reduce((sum, { columns, rows, sizes }) => sum + columns * rows * sizes.length, 0)
}

function sigmoid1(logits: Float32Array, start: number, _classes: number, index: number): number {
  return sigmoid(logits[start + index])
}

function softmax1(logits: Float32Array, start: number, classes: number, index: number): number {
  let sum = 0
  for (let k = 0; k < classes; k++) sum += Math.exp(logits[start + k] - logits[start + index])
  return 1 / sum
}
