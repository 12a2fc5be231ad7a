import { logit, sigmoid } from '../../score.js'
import { between, cellsOf } from './boxes.js'
import { type Decoder, floats, reaching } from './decoder.js'

/**
 * SCRFD (https://arxiv.org/abs/2105.04714): distances in strides from the top left of the cells.
 */
export const scrfd: Decoder<'scrfd'> = ({ levels, activation }, { outputs, input, indices, floor }) =>
  levels.flatMap(({ stride, anchorsPerCell, ...names }) => {
    const scores = floats(outputs, names.scores)
    const distances = floats(outputs, names.distances)
    const cells = cellsOf(input, stride)
    const isLogit = activation === 'sigmoid'
    return reaching(scores, isLogit ? logit(floor) : floor, 0, cells.count * anchorsPerCell).map(anchor => {
      const score = isLogit ? sigmoid(scores[anchor]) : scores[anchor]
      const cell = Math.floor(anchor / anchorsPerCell)
      const side = (k: number) => distances[anchor * 4 + k] * stride
      return { index: indices[0], score, box: between(cells.column(cell) * stride, cells.row(cell) * stride, side) }
    })
  })
