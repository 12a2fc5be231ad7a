import type { Box } from '../geometry.js'
import type { Raster } from '../image.js'

/** Px between samples, and px of a block. */
const STEP = 4
const BLOCK = 64

/**
 * A clear sky, including camera noise, stays below this within a block; recognisable objects are
 * far above.
 */
const MIN_CONTRAST = 24

/**
 * Whether nothing can be seen in a part of an image: no block of 64 x 64 px holds more contrast (in
 * any colour, 0..255) than a clear sky. Tiles of sky and the black borders of panoramas are a third
 * of some images.
 */
export function isBlank(raster: Raster, [left, top, right, bottom]: Box): boolean {
  for (let y = top; y < bottom; y += BLOCK) {
    for (let x = left; x < right; x += BLOCK) {
      if (contrast(raster, x, y, Math.min(x + BLOCK, right), Math.min(y + BLOCK, bottom)) > MIN_CONTRAST) return false
    }
  }
  return true
}

function contrast({ width, data }: Raster, left: number, top: number, right: number, bottom: number): number {
  const least = [255, 255, 255]
  const most = [0, 0, 0]
  for (let y = top; y < bottom; y += STEP) {
    for (let x = left; x < right; x += STEP) {
      const at = (y * width + x) * 3
      for (let channel = 0; channel < 3; channel++) {
        const sample = data[at + channel]
        if (sample < least[channel]) least[channel] = sample
        if (sample > most[channel]) most[channel] = sample
      }
    }
  }
  return Math.max(...most.map((sample, channel) => sample - least[channel]))
}
