import { logit, sigmoid } from '../../score.js'
import { around, inPixels } from './boxes.js'
import { type Decoder, floats, type RawBox, requireClasses, sized } from './decoder.js'
import { masksOf } from './instance-masks.js'

/**
 * Detection transformers (https://arxiv.org/abs/2005.12872) with independent classes; a query a
 * box.
 */
export const detr: Decoder<'detr'> = (settings, inference) => {
  const { outputs, input, indices, floor } = inference
  const { data: logits, sizes } = sized(outputs, settings.scores, 2)
  const boxes = floats(outputs, settings.boxes)
  const masks = settings.masks && masksOf(settings.masks, inference)
  const [queries, classes] = sizes
  requireClasses(inference.indices, classes)
  const least = logit(floor)
  const found: RawBox[] = []
  for (let query = 0; query < queries; query++) {
    for (const index of indices) {
      const own = logits[query * classes + index]
      if (!(own >= least)) continue
      const [x, y, width, height] = boxes.subarray(query * 4, query * 4 + 4)
      const box = inPixels(around(x, y, width, height), input)
      found.push({ index, score: sigmoid(own), box, mask: masks?.(query, box) })
    }
  }
  return found
}
