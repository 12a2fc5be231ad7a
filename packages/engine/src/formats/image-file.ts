import type { ImageFile } from '../image.js'
import { readJpegFile } from './jpeg-file.js'
import { PNG_SIGNATURE } from './png.js'
import { readPngFile } from './png-file.js'

/** The file is neither a JPEG nor a PNG. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

/**
 * Parses the container of a JPEG or PNG file.
 * @returns undefined when the header is damaged
 * @throws FormatError when it is neither
 */
export function readImageFile(bytes: Uint8Array): ImageFile | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return readJpegFile(bytes)
  if (PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return readPngFile(bytes)
  throw new FormatError('The file is neither a JPEG nor a PNG image.')
}
