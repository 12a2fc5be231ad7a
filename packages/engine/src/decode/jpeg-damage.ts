import sharp from 'sharp'
import type { Size } from '../geometry.js'
import { DamagedDataError, NotLosslessError } from '../lossless/coefficients.js'
import { checkImageData } from '../lossless/read.js'

/** `unknown`: the format cannot be checked. */
export type Condition = 'sound' | 'damaged' | 'unknown'

/**
 * Whether the image data of a JPEG is damaged: invalid codes, too much or too little data, or
 * impossible values. Decoders show such a file anyway, often with shifted colours. See
 * docs/decisions/damaged-images.md for the damage that this detects.
 */
export function conditionOf(file: Uint8Array): Condition {
  try {
    checkImageData(file)
    return 'sound'
  } catch (error) {
    if (error instanceof DamagedDataError) return 'damaged'
    if (error instanceof NotLosslessError) return 'unknown'
    throw error
  }
}

/**
 * Whether libjpeg decodes the file without a warning: it has data for all of the image, even if it
 * is wrong. Decoding an eighth of the size reads all of the data and needs little memory.
 */
export function satisfiesDecoder(file: Uint8Array, { width, height }: Size): Promise<boolean> {
  const decoding = sharp(file, { failOn: 'warning', limitInputPixels: width * height })
    .resize(Math.ceil(width / 8))
    .raw()
    .toBuffer()
  return decoding.then(
    () => true,
    () => false,
  )
}
