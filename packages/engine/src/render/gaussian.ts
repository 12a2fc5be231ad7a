import { type Box, clip } from '../geometry.js'
import type { Pixels } from '../image.js'
import type { PaintRow } from './cells.js'

/**
 * Boxes that, applied one after the other, come close to a Gaussian (Wells 1986, "Efficient
 * synthesis of Gaussian filters by cascaded uniform filters").
 */
const BOXES = 3

/** Half widths in px of boxes whose summed variance is nearest to sigma^2. */
export function boxRadii(sigma: number): number[] {
  const ideal = Math.sqrt((12 * sigma ** 2) / BOXES + 1)
  const small = Math.max(0, Math.floor((ideal - 1) / 2))
  const width = 2 * small + 1
  const narrow = Math.round((12 * sigma ** 2 - BOXES * width ** 2 - 4 * BOXES * width - 3 * BOXES) / (-4 * width - 4))
  return Array.from({ length: BOXES }, (_, i) => (i < narrow ? small : small + 1))
}

/**
 * A plain Gaussian blur of a rectangle (whole pixels, inside the image), its surroundings taken
 * into account. Holds one copy of the rectangle.
 */
export function gaussian(pixels: Pixels, rect: Box, sigma: number): PaintRow {
  const radii = boxRadii(sigma)
  const margin = radii.reduce((sum, radius) => sum + radius, 0)
  const [left, top, right, bottom] = clip([rect[0] - margin, rect[1] - margin, rect[2] + margin, rect[3] + margin], pixels)
  const width = right - left
  const height = bottom - top
  const copy = pixels.data instanceof Uint16Array ? new Uint16Array(width * height * 3) : new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sample = ((top + y) * pixels.width + left + x) * pixels.channels
      for (let c = 0; c < 3; c++) copy[3 * (y * width + x) + c] = pixels.data[sample + c]
    }
  }
  for (let i = 0; i < 3 * height; i++) blurLine(copy, Math.floor(i / 3) * width * 3 + (i % 3), width, 3, radii)
  for (let i = 0; i < 3 * width; i++) blurLine(copy, i, height, 3 * width, radii)
  return (y, from, to, row) => row.set(copy.subarray(3 * ((y - top) * width + from - left), 3 * ((y - top) * width + to - left)))
}

/** Blurs `count` samples that lie `step` apart, the line's ends repeated outwards. */
function blurLine(data: Uint8Array | Uint16Array, start: number, count: number, step: number, radii: readonly number[]): void {
  let line = new Float32Array(count)
  for (let i = 0; i < count; i++) line[i] = data[start + i * step]
  for (const radius of radii) line = boxBlur(line, radius)
  for (let i = 0; i < count; i++) data[start + i * step] = Math.round(line[i])
}

function boxBlur(line: Float32Array, radius: number): Float32Array<ArrayBuffer> {
  const last = line.length - 1
  const blurred = new Float32Array(line.length)
  let sum = 0
  for (let i = -radius; i <= radius; i++) sum += line[Math.min(last, Math.max(0, i))]
  for (let i = 0; i <= last; i++) {
    blurred[i] = sum / (2 * radius + 1)
    sum += line[Math.min(last, i + radius + 1)] - line[Math.max(0, i - radius)]
  }
  return blurred
}
