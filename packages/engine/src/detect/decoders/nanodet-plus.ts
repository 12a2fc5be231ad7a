import { logit, sigmoid } from '../../score.js'
import { between, cellsOf, expectation } from './boxes.js'
import { type Decoder, reaching, requireClasses, sized } from './decoder.js'

/**
 * NanoDet-Plus (https://github.com/RangiLyu/nanodet): scores and distributions of distances in one
 * tensor, from the top left of the cells.
 */
export const nanodetPlus: Decoder<'nanodet-plus'> = (
  { output, bins, strides, activation },
  { outputs, input, indices, floor },
) => {
  const { data, sizes } = sized(outputs, output, 2)
  const [, width] = sizes
  const classes = width - 4 * bins
  requireClasses(indices, classes)
  const isLogit = activation === 'sigmoid'
  let start = 0
  return strides.flatMap(stride => {
    const cells = cellsOf(input, stride)
    const first = start
    start += cells.count * width
    return indices.flatMap(index =>
      reaching(data, isLogit ? logit(floor) : floor, first + index, start, width).map(place => {
        const cell = (place - first - index) / width
        const side = (k: number) => stride * expectation(data, place - index + classes + k * bins, bins)
        const score = isLogit ? sigmoid(data[place]) : data[place]
        return { index, score, box: between(cells.column(cell) * stride, cells.row(cell) * stride, side) }
      }),
    )
  })
}
