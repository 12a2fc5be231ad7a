/**
 * The same face once more without any anonymization: what a recogniser must be able to tell, or its
 * failures mean nothing.
 */
import sharp from 'sharp'
import type { Sample } from '../deblur/objects.js'
import type { Published } from '../deblur/treatment.js'

/** Reduced to this fraction of its size and enlarged again, as photos are when they are shared. */
const REDUCED = 0.7
const QUALITY = 60
/** By this fraction of the face it lies beside where it was. */
const SHIFT = 0.03

/** The photo reduced, encoded, enlarged and shifted. */
export async function baseline({ pixels, box }: Sample): Promise<Published> {
  const { width, height, channels } = pixels
  const encoded = await sharp(pixels.data as Uint8Array, { raw: { width, height, channels } })
    .resize(Math.round(width * REDUCED), Math.round(height * REDUCED), { fit: 'fill' })
    .jpeg({ quality: QUALITY })
    .toBuffer()
  const enlarged = await sharp(encoded).resize(width, height, { fit: 'fill' }).raw().toBuffer({ resolveWithObject: true })
  const shift = Math.round(SHIFT * (box[2] - box[0]))
  const shifted = await sharp(enlarged.data, { raw: enlarged.info })
    .extend({ left: shift, extendWith: 'copy' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { data } = await sharp(shifted.data, { raw: shifted.info })
    .extract({ left: 0, top: 0, width, height })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { pixels: { width, height, channels: 3, data: new Uint8Array(data) }, region: box, sigma: 0 }
}
