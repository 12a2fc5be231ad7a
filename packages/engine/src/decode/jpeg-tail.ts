import type { Header, Pixels } from '../image.js'

export const END_MARKER = Uint8Array.of(0xff, 0xd9)

/** Whether a JPEG reaches its end marker (EOI), which never occurs inside image data. */
export function hasEnd(file: Uint8Array, { scanStart }: Pick<Header, 'scanStart'>): boolean {
  if (scanStart === undefined) return false
  return Buffer.from(file.buffer, file.byteOffset, file.length).indexOf('ffd9', scanStart, 'hex') >= 0
}

/** The colour of missing image data in libjpeg, in gray and RGB. */
const MISSING = [128, 128, 128]

/** Number of rows of a truncated JPEG down to the last one that is not entirely filled in. */
export function presentRows({ width, height, channels, data }: Pixels, colour: Header['colour']): number {
  // In CMYK the conversion turns this gray into another colour: that of the last pixel.
  const missing = colour === 'cmyk' ? data.slice(-channels) : MISSING
  const lastPresent = data.findLastIndex((sample, i) => sample !== missing[i % channels])
  return Math.min(height, Math.ceil((lastPresent + 1) / (width * channels)))
}
