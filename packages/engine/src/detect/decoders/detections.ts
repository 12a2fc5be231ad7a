import type { Box } from '../../geometry.js'
import { inPixels } from './boxes.js'
import { type Decoder, floats, labelsOf, type RawBox, sized } from './decoder.js'
import { masksOf } from './instance-masks.js'

/** Finished detections in separate tensors, as exports with suppression give them. */
export const detections: Decoder<'detections'> = (settings, inference) => {
  const { outputs, input, indices, floor } = inference
  const { data: boxes, sizes } = sized(outputs, settings.boxes, 2)
  const [count, columns] = sizes
  const own = settings.scores === undefined ? undefined : floats(outputs, settings.scores)
  const labels = settings.labels === undefined ? () => indices[0] : labelsOf(outputs, settings.labels)
  const masks = settings.masks && masksOf(settings.masks, inference)
  const found: RawBox[] = []
  for (let i = 0; i < count; i++) {
    const [x1, y1, x2, y2, fifth] = boxes.subarray(i * columns, (i + 1) * columns)
    const score = own ? own[i] : fifth
    const index = labels(i)
    if (!(score >= floor) || !indices.includes(index)) continue
    const given: Box = [x1, y1, x2, y2]
    const box = settings.unit === 'fraction' ? inPixels(given, input) : given
    found.push({ index, score, box, mask: masks?.(i, box) })
  }
  return found
}
