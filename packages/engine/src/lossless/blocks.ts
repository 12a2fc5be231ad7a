/** Makes new blocks of pixels: colours, resolution, cosine transform, quantizers. */
import type { Pixels } from '../image.js'
import { type Coefficients, type Component, ZIGZAG } from './coefficients.js'

/**
 * cos((2x + 1) u pi / 16), scaled so that the transform keeps lengths: row u, column x. (ITU-T
 * T.81, A.3.3)
 */
const COSINES = Float64Array.from({ length: 64 }, (_, i) => {
  const u = i >> 3
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * (i & 7) + 1) * u * Math.PI) / 16)
})

/**
 * Replaces all blocks of an MCU by what the pixels show there; behind the image's edge its last
 * pixels are repeated.
 */
export function replaceMcu(image: Coefficients, pixels: Pixels, column: number, row: number): void {
  const maxH = image.mcuWidth / 8
  const maxV = image.mcuHeight / 8
  for (const [index, component] of image.components.entries()) {
    const { h, v } = component
    const scale = { x: maxH / h, y: maxV / v }
    for (let i = 0; i < h * v; i++) {
      const x = column * h + (i % h)
      const y = row * v + Math.floor(i / h)
      sampleBlock(pixels, index, 8 * x * scale.x, 8 * y * scale.y, scale)
      transform(component, 64 * (y * component.columns + x))
    }
  }
}

/** One block of samples, centred on 0, and the block between the two halves of its transform. */
const samples = new Float64Array(64)
const halfway = new Float64Array(64)

/** Red's, green's and blue's shares in Y, Cb and Cr, and what is added. (JFIF 1.02, page 3) */
const SHARES = [
  [0.299, 0.587, 0.114, -128],
  [-0.168736, -0.331264, 0.5, 0],
  [0.5, -0.418688, -0.081312, 0],
] as const

/** Fills `samples` with the means of scale.x x scale.y pixels each, the first at (left, top). */
function sampleBlock(
  { data, width, height, channels }: Pixels,
  index: number,
  left: number,
  top: number,
  scale: { x: number; y: number },
) {
  const [red, green, blue, offset] = SHARES[index]
  const count = scale.x * scale.y
  for (let i = 0; i < 64; i++) {
    let sum = 0
    for (let j = 0; j < count; j++) {
      const x = Math.min(width - 1, left + (i & 7) * scale.x + (j % scale.x))
      const y = Math.min(height - 1, top + (i >> 3) * scale.y + Math.floor(j / scale.x))
      const at = (y * width + x) * channels
      sum += red * data[at] + green * data[at + 1] + blue * data[at + 2]
    }
    samples[i] = sum / count + offset
  }
}

/**
 * Cosine transform of `samples`, along the rows and then the columns, divided by the quantizers.
 */
function transform({ blocks, quantizers }: Component, block: number): void {
  for (let y = 0; y < 64; y += 8) {
    for (let u = 0; u < 64; u += 8) {
      let sum = 0
      for (let x = 0; x < 8; x++) sum += COSINES[u + x] * samples[y + x]
      halfway[y + (u >> 3)] = sum
    }
  }
  for (let k = 0; k < 64; k++) {
    const row = ZIGZAG[k] & 56
    const column = ZIGZAG[k] & 7
    let sum = 0
    for (let y = 0; y < 8; y++) sum += COSINES[row + y] * halfway[8 * y + column]
    blocks[block + k] = clamp(Math.round(sum / quantizers[k]), k)
  }
}

/** Rounding can pass the largest coefficient of a baseline file. */
function clamp(value: number, k: number): number {
  return k === 0 ? Math.min(1023, Math.max(-1024, value)) : Math.min(1023, Math.max(-1023, value))
}
