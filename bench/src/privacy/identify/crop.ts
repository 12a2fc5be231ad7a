/** Square cut-outs of faces, as a face recogniser wants them. */
import type { Box, Pixels } from '@obscura/engine'
import sharp from 'sharp'

/** RGB, H x W x 3, 8 bits a sample. */
export interface Crop {
  width: number
  height: number
  data: Uint8Array
}

/**
 * The square around the middle of a labelled face whose side is the box's longer one: how dlib's
 * aligned faces lie in theirs, but for the turn of the head, which a box does not tell. Where the
 * photo ends, its border is repeated.
 */
export async function cropOf({ width, height, data, channels }: Pixels, box: Box): Promise<Crop> {
  const side = Math.round(Math.max(box[2] - box[0], box[3] - box[1]))
  const left = Math.round((box[0] + box[2] - side) / 2)
  const top = Math.round((box[1] + box[3] - side) / 2)
  const missing = {
    left: Math.max(0, -left),
    top: Math.max(0, -top),
    right: Math.max(0, left + side - width),
    bottom: Math.max(0, top + side - height),
  }
  const whole = await sharp(data as Uint8Array, { raw: { width, height, channels } })
    .extend({ ...missing, extendWith: 'copy' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { data: square } = await sharp(whole.data, { raw: whole.info })
    .extract({ left: left + missing.left, top: top + missing.top, width: side, height: side })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: side, height: side, data: new Uint8Array(square) }
}
