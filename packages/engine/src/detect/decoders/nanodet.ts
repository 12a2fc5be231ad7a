import { type Decoder, floats, type RawBox } from './decoder.js'

/**
 * NanoDet's generalised focal head: class scores and, for each side of the box, a distribution over
 * `bins` distances whose expectation counts (https://arxiv.org/abs/2006.04388).
 */
export const nanodet: Decoder<'nanodet'> = ({ bins, levels }, { outputs, input, indices, floor }) =>
  levels.flatMap(({ stride, ...names }) => {
    const scores = floats(outputs, names.scores)
    const distances = floats(outputs, names.distances)
    const columns = Math.ceil(input.width / stride)
    const cells = columns * Math.ceil(input.height / stride)
    const classes = scores.length / cells
    const found: RawBox[] = []
    for (let cell = 0; cell < cells; cell++) {
      for (const index of indices) {
        const score = scores[cell * classes + index]
        if (score < floor) continue
        const x = ((cell % columns) + 0.5) * stride
        const y = (Math.floor(cell / columns) + 0.5) * stride
        const side = (k: number) => stride * expectation(distances, (cell * 4 + k) * bins, bins)
        found.push({ index, score, box: [x - side(0), y - side(1), x + side(2), y + side(3)] })
      }
    }
    return found
  })

/** Mean of 0..bins-1 under the softmax of `bins` logits. */
function expectation(logits: Float32Array, start: number, bins: number): number {
  let sum = 0
  let weighted = 0
  for (let bin = 0; bin < bins; bin++) {
    const weight = Math.exp(logits[start + bin])
    sum += weight
    weighted += weight * bin
  }
  return weighted / sum
}
