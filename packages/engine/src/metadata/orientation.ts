import type { Format } from '../image.js'
import { findCarriers } from './carriers.js'
import { readTiff, type TiffEntry } from './tiff.js'

export const ORIENTATION = 0x0112
const SHORT = 3

/** The EXIF orientation 1..8 of a file; 1 when it has none or an impossible one. */
export function readOrientation(file: Uint8Array, format: Format): number {
  const { exif } = findCarriers(file, format)
  const block = exif && readTiff(exif)
  const entry = block?.directories.image.find(({ tag, type }) => tag === ORIENTATION && type === SHORT)
  const orientation = entry ? firstShort(entry, block!.littleEndian) : 1
  return orientation >= 1 && orientation <= 8 ? orientation : 1
}

function firstShort({ value }: TiffEntry, littleEndian: boolean): number {
  return new DataView(value.buffer, value.byteOffset).getUint16(0, littleEndian)
}
