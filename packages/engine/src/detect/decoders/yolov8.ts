import type { Box, Size } from '../../geometry.js'
import { logit } from '../../score.js'
import { around } from './boxes.js'
import { type Decoder, type Inference, type RawMask, reaching, requireClasses, sized } from './decoder.js'
import { DEFAULT_PIXEL, maskOf, partAround } from './instance-masks.js'

/**
 * YOLOv8 and YOLO11: one tensor of columns with box, class scores and, when it segments, factors of
 * the prototypes whose sum is the mask (https://arxiv.org/abs/1904.02689).
 */
export const yolov8: Decoder<'yolov8'> = ({ output, prototypes, threshold }, inference) => {
  const { outputs, indices, floor } = inference
  const { data, sizes } = sized(outputs, output, 2)
  const [values, columns] = sizes
  const masks = prototypes === undefined ? undefined : prototypeMasks(prototypes, threshold, inference)
  requireClasses(indices, values - 4 - (masks?.count ?? 0))
  return indices.flatMap(index => {
    const first = (4 + index) * columns
    return reaching(data, floor, first, first + columns).map(place => {
      const value = (k: number) => data[k * columns + place - first]
      const box = around(value(0), value(1), value(2), value(3))
      const mask = masks && (() => masks.of(box, k => value(values - masks.count + k)))
      return { index, score: data[place], box, mask }
    })
  })
}

/** Makes masks of the factors of the prototypes. */
function prototypeMasks(name: string, threshold = DEFAULT_PIXEL, { outputs, input }: Inference) {
  const { data, sizes } = sized(outputs, name, 3)
  const [count, height, width] = sizes
  const grid: Size = { width, height }
  const least = logit(threshold)
  return {
    count,
    of(box: Box, factor: (k: number) => number): RawMask {
      const factors = Float32Array.from({ length: count }, (_, k) => factor(k))
      return maskOf(partAround(box, grid, input), grid, input, cell => {
        let sum = -least
        for (let k = 0; k < count; k++) sum += factors[k] * data[k * width * height + cell]
        return sum
      })
    },
  }
}
