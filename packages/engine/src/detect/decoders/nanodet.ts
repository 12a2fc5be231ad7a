import { between, cellsOf, expectation } from './boxes.js'
import { type Decoder, floats, reaching, requireClasses } from './decoder.js'

/**
 * NanoDet's generalised focal head: class scores and, for each side of the box, a distribution over
 * `bins` distances whose expectation counts (https://arxiv.org/abs/2006.04388).
 */
export const nanodet: Decoder<'nanodet'> = ({ bins, levels }, { outputs, input, indices, floor }) =>
  levels.flatMap(({ stride, ...names }) => {
    const scores = floats(outputs, names.scores)
    const distances = floats(outputs, names.distances)
    const cells = cellsOf(input, stride)
    const classes = scores.length / cells.count
    requireClasses(indices, classes)
    return indices.flatMap(index =>
      reaching(scores, floor, index, scores.length, classes).map(place => {
        const cell = (place - index) / classes
        const side = (k: number) => stride * expectation(distances, (cell * 4 + k) * bins, bins)
        const box = between((cells.column(cell) + 0.5) * stride, (cells.row(cell) + 0.5) * stride, side)
        return { index, score: scores[place], box }
      }),
    )
  })
