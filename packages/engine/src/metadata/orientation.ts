import type { TiffBlock, TiffEntry } from '../formats/tiff.js'

export const ORIENTATION = 0x0112
const SHORT = 3

/** The orientation 1..8 of an EXIF block; 1 when it has none or an invalid one. */
export function orientationOf(exif: TiffBlock | undefined): number {
  const entry = exif?.directories.image.find(({ tag, type }) => tag === ORIENTATION && type === SHORT)
  const orientation = entry ? firstShort(entry, exif!.littleEndian) : 1
  return orientation >= 1 && orientation <= 8 ? orientation : 1
}

function firstShort({ value }: TiffEntry, littleEndian: boolean): number {
  return new DataView(value.buffer, value.byteOffset).getUint16(0, littleEndian)
}
