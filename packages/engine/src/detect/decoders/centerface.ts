import { around, cellsOf } from './boxes.js'
import { type Decoder, floats, reaching } from './decoder.js'

/** CenterFace (https://arxiv.org/abs/1911.03599): maps of a face's centre, size and offset. */
export const centerface: Decoder<'centerface'> = ({ stride, ...names }, { outputs, input, indices, floor }) => {
  const heat = floats(outputs, names.heat)
  const scale = floats(outputs, names.scale)
  const offset = floats(outputs, names.offset)
  const cells = cellsOf(input, stride)
  return reaching(heat, floor, 0, cells.count).map(cell => {
    const x = (cells.column(cell) + 0.5 + offset[cells.count + cell]) * stride
    const y = (cells.row(cell) + 0.5 + offset[cell]) * stride
    const box = around(x, y, Math.exp(scale[cells.count + cell]) * stride, Math.exp(scale[cell]) * stride)
    return { index: indices[0], score: heat[cell], box }
  })
}
