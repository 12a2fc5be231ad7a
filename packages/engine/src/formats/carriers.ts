import type { PngChunk } from './png.js'
import { DIRECTORIES, POINTERS, readTiff, type TiffBlock } from './tiff.js'

/** Metadata carriers of a file: raw, untrusted blocks. */
export interface Carriers {
  /** The first non-empty EXIF block. */
  exif?: TiffBlock
  /** The raw XMP packet. */
  xmp?: Uint8Array
  icc?: Uint8Array
  /** Of a JPEG: unit, x and y density of the JFIF header (five bytes). */
  density?: Uint8Array
  /** Of a PNG: the chunks of fixed length for colours, size and time. */
  chunks?: PngChunk[]
  /** Warnings about unreadable blocks, in sentences for users. */
  warnings: Set<string>
}

export const EXIF_HEADER = 'Exif\0\0'
export const XMP_HEADER = 'http://ns.adobe.com/xap/1.0/\0'
export const ICC_HEADER = 'ICC_PROFILE\0'
export const JFIF_HEADER = 'JFIF\0'

/**
 * Stores an EXIF block, unless there is an earlier non-empty one.
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
