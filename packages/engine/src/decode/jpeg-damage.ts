import { DamagedDataError, NotLossless } from '../lossless/coefficients.js'
import { checkImageData } from '../lossless/read.js'

/** `unknown`: a kind of file that cannot be checked. */
export type Condition = 'sound' | 'damaged' | 'unknown'

/**
 * Whether the image data of a JPEG is damaged: codes that do not exist, too much or too little of
 * it, or values that no picture has. Decoders show such a file all the same, often with shifted
 * colours. See docs/decisions/damaged-images.md for what is found so.
 */
export function conditionOf(file: Uint8Array): Condition {
  try {
    checkImageData(file)
    return 'sound'
  } catch (error) {
    if (error instanceof DamagedDataError) return 'damaged'
    if (error instanceof NotLossless) return 'unknown'
    throw error
  }
}
