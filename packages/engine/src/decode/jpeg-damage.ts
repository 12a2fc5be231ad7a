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
