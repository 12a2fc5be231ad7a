import { around, cellsOf } from './boxes.js'
import { type Decoder, floats, type Inference, type RawBox, reaching, requireClasses, sized } from './decoder.js'

/** Where the k-th value of a cell lies: start + cell * cellStep + k * valueStep. */
interface Rows {
  data: Float32Array
  start: number
  cellStep: number
  valueStep: number
}

const OBJECTNESS = 4
const CLASSES = 5

/** YOLOX (https://arxiv.org/abs/2107.08430): an anchor-free head with objectness. */
export const yolox: Decoder<'yolox'> = (settings, inference) => {
  if ('levels' in settings) {
    return settings.levels.flatMap(({ stride, output }) => {
      const { count } = cellsOf(inference.input, stride)
      const data = floats(inference.outputs, output)
      requireClasses(inference.indices, data.length / count - CLASSES)
      return level({ data, start: 0, cellStep: 1, valueStep: count }, stride, inference)
    })
  }
  const { data, sizes } = sized(inference.outputs, settings.output, 2)
  requireClasses(inference.indices, sizes[1] - CLASSES)
  let start = 0
  return settings.strides.flatMap(stride => {
    const rows = { data, start, cellStep: sizes[1], valueStep: 1 }
    start += cellsOf(inference.input, stride).count * sizes[1]
    return level(rows, stride, inference)
  })
}

function level({ data, start, cellStep, valueStep }: Rows, stride: number, { input, indices, floor }: Inference): RawBox[] {
  const cells = cellsOf(input, stride)
  const first = start + OBJECTNESS * valueStep
  return reaching(data, floor, first, first + cells.count * cellStep, cellStep).flatMap(place => {
    const cell = (place - first) / cellStep
    const value = (k: number) => data[start + cell * cellStep + k * valueStep]
    return indices.flatMap(index => {
      const score = data[place] * value(CLASSES + index)
      if (!(score >= floor)) return []
      const x = (cells.column(cell) + value(0)) * stride
      const y = (cells.row(cell) + value(1)) * stride
      return [{ index, score, box: around(x, y, Math.exp(value(2)) * stride, Math.exp(value(3)) * stride) }]
    })
  })
}
