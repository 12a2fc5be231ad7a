import { logit, sigmoid } from '../../score.js'
import { around } from './boxes.js'
import { type Decoder, floats, reaching } from './decoder.js'

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
    return reaching(logits, logit(floor)).map(anchor => {
      const cell = Math.floor(anchor / anchorsPerCell)
      const [x, y, width, height] = boxes.subarray(anchor * values, anchor * values + 4)
      const cx = ((cell % columns) + 0.5) * stride + x
      const cy = (Math.floor(cell / columns) + 0.5) * stride + y
      return { index: indices[0], score: sigmoid(logits[anchor]), box: around(cx, cy, width, height) }
    })
  })
