import type { Box, Pixels, Size } from '@obscura/engine'
import sharp from 'sharp'

/** One channel, H x W, row by row; values 0..255. */
export interface Plane {
  width: number
  height: number
  values: Float32Array
}

/**
 * Luma (ITU-R BT.601) of a box of 8-bit pixels, its sides rounded to whole pixels inside the image.
 */
export function lumaOf({ width, height, channels, data }: Pixels, box: Box): Plane {
  const left = Math.max(0, Math.round(box[0]))
  const top = Math.max(0, Math.round(box[1]))
  const right = Math.min(width, Math.round(box[2]))
  const bottom = Math.min(height, Math.round(box[3]))
  const plane = { width: right - left, height: bottom - top, values: new Float32Array((right - left) * (bottom - top)) }
  for (let y = top, i = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, i++) {
      const sample = (y * width + x) * channels
      plane.values[i] = 0.299 * data[sample] + 0.587 * data[sample + 1] + 0.114 * data[sample + 2]
    }
  }
  return plane
}

/** The part of a plane inside a box, its sides rounded to whole pixels. */
export function cut({ width, height, values }: Plane, box: Box): Plane {
  const [left, top, right, bottom] = box.map(Math.round)
  const part = { width: Math.min(width, right) - left, height: Math.min(height, bottom) - top }
  const rows = Array.from({ length: part.height }, (_, y) =>
    values.subarray((top + y) * width + left, (top + y) * width + left + part.width),
  )
  return { ...part, values: Float32Array.from(rows.flatMap(row => [...row])) }
}

/** A plane stretched to a size. */
export async function resized(plane: Plane, { width, height }: Size): Promise<Plane> {
  const data = await sharp(Uint8Array.from(plane.values), { raw: { width: plane.width, height: plane.height, channels: 1 } })
    .resize(width, height, { fit: 'fill' })
    .toColourspace('b-w')
    .raw()
    .toBuffer()
  return { width, height, values: Float32Array.from(data) }
}
