import type { ManifestOf } from '../manifest.js'
import { around, cellsOf } from './boxes.js'
import { type Decoder, floats, type Inference, type RawBox } from './decoder.js'

/** YuNet (https://github.com/ShiqiYu/libfacedetection): class and objectness apart. */
export const yunet: Decoder<'yunet'> = ({ levels }, inference) => levels.flatMap(level => facesOf(level, inference))

type Level = ManifestOf<'yunet'>['decoder']['levels'][number]

function facesOf({ stride, ...names }: Level, { outputs, input, indices, floor }: Inference): RawBox[] {
  const scores = floats(outputs, names.scores)
  const objectness = floats(outputs, names.objectness)
  const boxes = floats(outputs, names.boxes)
  const cells = cellsOf(input, stride)
  const found: RawBox[] = []
  for (let cell = 0; cell < cells.count; cell++) {
    const score = Math.sqrt(Math.max(0, scores[cell]) * Math.max(0, objectness[cell]))
    if (!(score >= floor)) continue
    const [x, y, width, height] = boxes.subarray(cell * 4, cell * 4 + 4)
    const box = around(
      (cells.column(cell) + x) * stride,
      (cells.row(cell) + y) * stride,
      Math.exp(width) * stride,
      Math.exp(height) * stride,
    )
    found.push({ index: indices[0], score: Math.min(1, score), box })
  }
  return found
}
