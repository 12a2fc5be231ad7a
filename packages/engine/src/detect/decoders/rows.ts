import type { Box } from '../../geometry.js'
import { inPixels } from './boxes.js'
import { type Decoder, type RawBox, sized } from './decoder.js'

/**
 * Finished detections as rows; rows of a class that is not wanted, such as -1 of padding, are
 * passed over.
 */
export const rows: Decoder<'rows'> = ({ output, columns, unit }, { outputs, input, indices, floor }) => {
  const { data, sizes } = sized(outputs, output, 2)
  const [count, width] = sizes
  if (width !== columns.length)
    throw new Error(`the output "${output}" has ${width} columns, but the manifest has ${columns.length}`)
  const [x1, y1, x2, y2, score, label] = (['x1', 'y1', 'x2', 'y2', 'score', 'class'] as const).map(name => columns.indexOf(name))
  const found: RawBox[] = []
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * width, (i + 1) * width)
    const index = label < 0 ? indices[0] : row[label]
    if (!(row[score] >= floor) || !indices.includes(index)) continue
    const box: Box = [row[x1], row[y1], row[x2], row[y2]]
    found.push({ index, score: row[score], box: unit === 'fraction' ? inPixels(box, input) : box })
  }
  return found
}
