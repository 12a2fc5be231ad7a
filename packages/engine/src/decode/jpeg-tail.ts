import type { Pixels } from '../image.js'
import { jpegSegments, START_OF_SCAN } from '../probe/jpeg-segments.js'

/** Whether a JPEG reaches its end marker (EOI), which never occurs inside image data. */
export function hasEnd(file: Uint8Array): boolean {
  const scan = [...jpegSegments(file)].find(({ marker }) => marker === START_OF_SCAN)
  return scan !== undefined && Buffer.from(file.buffer, file.byteOffset, file.length).indexOf('ffd9', scan.end, 'hex') >= 0
}

/** What libjpeg paints where image data is missing. */
const MISSING = 128

/** Rows of a JPEG that breaks off, as decoded, down to the last one that is not all gray of the missing kind. */
export function presentRows({ width, height, channels, data }: Pixels): number {
  const lastPresent = data.findLastIndex(sample => sample !== MISSING)
  return Math.min(height, Math.ceil((lastPresent + 1) / (width * channels)))
}
