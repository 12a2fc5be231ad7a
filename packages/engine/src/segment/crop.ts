/** Cuts windows out of an image for a network that looks at one object at a time. */
import { type Box, grow, type Size } from '../geometry.js'
import type { Raster } from '../image.js'

/** A rectangle, for crops of whole pixels, that may reach outside the image. */
export interface Window extends Size {
  left: number
  top: number
}

/** How samples 0..255 become network input, one number a colour: (sample - mean) / std. */
export interface Normalisation {
  mean: readonly number[]
  std: readonly number[]
}

/** A box grown by `margin` of its size on each side, in whole pixels, at least one by one. */
export function windowAround(box: Box, margin: number): Window {
  const [x1, y1, x2, y2] = grow(box, margin, margin).map(Math.round)
  return { left: x1, top: y1, width: Math.max(1, x2 - x1), height: Math.max(1, y2 - y1) }
}

/**
 * Writes a window, stretched to `size`, as three planes (RGB, C x H x W) into `target`. Outside the
 * image the planes are 0.
 * @param target at least 3 x size.width x size.height numbers.
 */
export function writeCrop(raster: Raster, window: Window, size: Size, { mean, std }: Normalisation, target: Float32Array): void {
  const across = tapsOf(window.left, window.width, raster.width, size.width)
  const down = tapsOf(window.top, window.height, raster.height, size.height)
  const plane = size.width * size.height
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      let weights = 0
      let red = 0
      let green = 0
      let blue = 0
      for (let i = y * down.each; i < (y + 1) * down.each; i++) {
        for (let j = x * across.each; j < (x + 1) * across.each; j++) {
          const weight = down.weights[i] * across.weights[j]
          const sample = 3 * (down.positions[i] * raster.width + across.positions[j])
          weights += weight
          red += weight * raster.data[sample]
          green += weight * raster.data[sample + 1]
          blue += weight * raster.data[sample + 2]
        }
      }
      const pixel = y * size.width + x
      target[pixel] = (red - weights * mean[0]) / std[0]
      target[plane + pixel] = (green - weights * mean[1]) / std[1]
      target[2 * plane + pixel] = (blue - weights * mean[2]) / std[2]
    }
  }
}

/**
 * For each output sample `each` positions along one axis of the image and their weights (0 outside
 * the image).
 */
interface Taps {
  each: number
  positions: Int32Array
  weights: Float32Array
}

/**
 * Samples averaged along one axis when shrinking: enough against aliasing, and the cost of a crop
 * no longer grows with its window.
 */
const MAX_SAMPLES = 4

/**
 * Bilinear when enlarging; when shrinking the mean of samples spread evenly over what an output
 * sample covers.
 */
function tapsOf(start: number, length: number, limit: number, count: number): Taps {
  const scale = length / count
  const each = scale <= 1 ? 2 : Math.min(MAX_SAMPLES, Math.ceil(scale))
  const positions = new Int32Array(count * each)
  const weights = new Float32Array(count * each)
  for (let i = 0; i < count; i++) {
    const centre = (i + 0.5) * scale - 0.5
    for (let j = 0; j < each; j++) {
      const offset =
        scale <= 1 ? Math.min(length - 1, Math.max(0, Math.floor(centre) + j)) : Math.floor((i + (j + 0.5) / each) * scale)
      const position = start + offset
      const inside = position >= 0 && position < limit
      positions[i * each + j] = inside ? position : 0
      weights[i * each + j] = !inside ? 0 : scale <= 1 ? 1 - Math.abs(centre - Math.floor(centre) - j) : 1 / each
    }
  }
  return { each, positions, weights }
}
