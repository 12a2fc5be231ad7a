import type { Pixels } from '@obscura/engine'
import { wiener } from './restore.js'
import type { Published } from './treatment.js'

/**
 * What was published with each colour of the region deconvolved by itself (Wiener), knowing how
 * wide the blur is.
 * @param noise power of noise to signal, see {@link wiener}.
 */
export function deconvolved({ pixels, region, sigma }: Published, noise: number): Pixels {
  const [left, top, right, bottom] = region
  const [width, height] = [right - left, bottom - top]
  const { channels } = pixels
  const data = pixels.data.slice()
  const sampleOf = (i: number) => ((top + Math.floor(i / width)) * pixels.width + left + (i % width)) * channels
  for (let c = 0; c < 3; c++) {
    const values = Float32Array.from({ length: width * height }, (_, i) => pixels.data[sampleOf(i) + c])
    const restored = wiener({ width, height, values }, sigma, noise).values
    for (let i = 0; i < restored.length; i++) data[sampleOf(i) + c] = restored[i]
  }
  return { ...pixels, data }
}
