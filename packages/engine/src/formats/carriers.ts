import type { PngChunk } from './png.js'
import { DIRECTORIES, POINTERS, readTiff, type TiffBlock } from './tiff.js'

/** Where a file carries metadata: the raw blocks, found but not yet trusted. */
export interface Carriers {
  /** The first EXIF block that holds anything. */
  exif?: TiffBlock
  /** An XMP packet, as it stands in the file. */
  xmp?: Uint8Array
  icc?: Uint8Array
  /** Of a JPEG: unit, x and y density of the JFIF header (five bytes). */
  density?: Uint8Array
  /** Of a PNG: the chunks of fixed length that say how colours, size and time are to be read. */
  chunks?: PngChunk[]
  /** Blocks that were expected and could not be read, in sentences for users. */
  warnings: Set<string>
}

export const EXIF_HEADER = 'Exif\0\0'
export const XMP_HEADER = 'http://ns.adobe.com/xap/1.0/\0'
export const ICC_HEADER = 'ICC_PROFILE\0'
export const JFIF_HEADER = 'JFIF\0'

/**
 * Takes an EXIF block, unless an earlier one holds anything: an empty one gives way to the next.
 */
export function addExif(carriers: Carriers, bytes: Uint8Array): void {
  if (carriers.exif || bytes.length === 0) return
  const block = readTiff(bytes)
  if (!block) carriers.warnings.add('A damaged EXIF block was removed.')
  else if (holdsValues(block)) carriers.exif = block
}

function holdsValues({ directories }: TiffBlock): boolean {
  return DIRECTORIES.some(name =>
    directories[name].some(({ tag }) => !POINTERS.some(pointer => pointer.from === name && pointer.tag === tag)),
  )
}
