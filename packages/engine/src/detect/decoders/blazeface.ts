import { sigmoid } from '../../score.js'
import { type Decoder, floats, type RawBox } from './decoder.js'

/**
 * BlazeFace (https://arxiv.org/abs/1907.05047): boxes relative to the centres of the cells, in px;
 * key points behind them are not read.
 */
export const blazeface: Decoder<'blazeface'> = ({ levels }, { outputs, input, indices, floor }) =>
  levels.flatMap(({ stride, anchorsPerCell, ...names }) => {
    const logits = floats(outputs, names.scores)
    const boxes = floats(outputs, names.boxes)
    const values = boxes.length / logits.length
    const columns = Math.ceil(input.width / stride)
    const found: RawBox[] = []
    for (let anchor = 0; anchor < logits.length; anchor++) {
      const score = sigmoid(logits[anchor])
      if (score < floor) continue
      const cell = Math.floor(anchor / anchorsPerCell)
      const [x, y, width, height] = boxes.subarray(anchor * values, anchor * values + 4)
      const cx = ((cell % columns) + 0.5) * stride + x
      const cy = (Math.floor(cell / columns) + 0.5) * stride + y
      found.push({ index: indices[0], score, box: [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2] })
    }
    return found
  })
