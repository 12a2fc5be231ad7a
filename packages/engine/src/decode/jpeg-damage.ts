import { DamagedDataError, NotLossless } from '../lossless/coefficients.js'
import { checkImageData } from '../lossless/read.js'

/**
 * Whether the image data of a JPEG is damaged: codes that do not exist, too much or too little of it, or values that no picture has.
 * Decoders show such a file all the same, often with shifted colours. See docs/decisions/damaged-images.md for what is found so.
 * @returns false as well for kinds of file that cannot be checked
 */
export function isDamaged(file: Uint8Array): boolean {
  try {
    checkImageData(file)
    return false
  } catch (error) {
    if (error instanceof DamagedDataError) return true
    if (error instanceof NotLossless) return false
    throw error
  }
}
