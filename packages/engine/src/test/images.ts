/** Generated images and files for tests. */

import sharp, { type Sharp } from 'sharp'

export interface TestImage {
  width: number
  height: number
  /** H x W x 3. */
  data: Uint8Array
}

/**
 * A smooth colourful image in which every pixel differs from its neighbours and no symmetry hides
 * a turn.
 */
export function testImage(width: number, height: number): TestImage {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3
      data[at] = (255 * x) / width
      data[at + 1] = (255 * y) / height
      data[at + 2] = 127 + 100 * Math.sin(x / 9) * Math.cos(y / 5)
    }
  }
  return { width, height, data }
}

export function raw({ width, height, data }: TestImage): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
}

/** Mean absolute difference of two equally long series of samples. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} samples against ${b.length}`)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i])
  return sum / a.length
}
