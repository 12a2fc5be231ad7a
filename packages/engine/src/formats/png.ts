import { crc32 } from './crc.js'

export interface PngChunk {
  type: string
  data: Uint8Array
}

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/**
 * The chunks of a PNG file up to IEND, which is included. A chunk that breaks off is given as far
 * as it goes; checksums are not looked at. (PNG specification, 5.3)
 */
export function* pngChunks(file: Uint8Array): Generator<PngChunk, undefined> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let at = PNG_SIGNATURE.length
  while (at + 8 <= file.length) {
    const end = at + 8 + view.getUint32(at)
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8))
    yield { type, data: file.subarray(at + 8, Math.min(end, file.length)) }
    if (type === 'IEND') return undefined
    at = end + 4
  }
  return undefined
}

/** Whether a chunk of a file agrees with the checksum that follows it, and is whole. */
export function isIntact(file: Uint8Array, { data }: PngChunk): boolean {
  const start = data.byteOffset - file.byteOffset
  const end = start + data.length
  if (end + 4 > file.length) return false
  const checksum = new DataView(file.buffer, file.byteOffset + end, 4).getUint32(0)
  return crc32(file.subarray(start - 4, end)) === checksum
}
