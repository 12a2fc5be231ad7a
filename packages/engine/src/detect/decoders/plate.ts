import { type Decoder, floats, reaching } from './decoder.js'

/** One tensor a level: score, then the distances to the left, top, right and bottom in px. */
export const plate: Decoder<'plate'> = ({ levels }, { outputs, input, indices, floor }) =>
  levels.flatMap(({ stride, output }) => {
    const maps = floats(outputs, output)
    const cells = maps.length / 5
    const columns = Math.ceil(input.width / stride)
    return reaching(maps, floor, 0, cells).map(cell => {
      const x = ((cell % columns) + 0.5) * stride
      const y = (Math.floor(cell / columns) + 0.5) * stride
      const side = (k: number) => maps[k * cells + cell]
      return { index: indices[0], score: maps[cell], box: [x - side(1), y - side(2), x + side(3), y + side(4)] }
    })
  })
