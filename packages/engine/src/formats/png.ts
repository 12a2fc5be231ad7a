import { crc32 } from './crc.js'

/** A chunk without length and checksum. */
export interface PngChunk {
  type: string
  data: Uint8Array
}

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/**
 * The chunks of a PNG file up to IEND, which is included. A truncated chunk is returned as far as
 * it goes; checksums are not verified. (PNG specification, 5.3)
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

/** Whether a chunk of a file is complete and matches its checksum. */
export function isIntact(file: Uint8Array, { data }: PngChunk): boolean {
  const start = data.byteOffset - file.byteOffset
  const end = start + data.length
  if (end + 4 > file.length) return false
  const checksum = new DataView(file.buffer, file.byteOffset + end, 4).getUint32(0)
  return crc32(file.subarray(start - 4, end)) === checksum
}

/** A chunk with its length, type and checksum. */
export function wholeChunk(file: Uint8Array, { data }: PngChunk): Uint8Array {
  const start = data.byteOffset - file.byteOffset
  return file.subarray(start - 8, start + data.length + 4)
}

export const TEXT_CHUNKS: ReadonlySet<string> = new Set(['tEXt', 'zTXt', 'iTXt'])

/**
 * Removes text chunks from a PNG file. Decoders inflate all of them, and a small file may contain
 * gigabytes.
 * @returns the file itself if it has none
 */
export function withoutTexts(file: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  let from = 0
  for (const chunk of pngChunks(file)) {
    if (!TEXT_CHUNKS.has(chunk.type)) continue
    const text = wholeChunk(file, chunk)
    const start = text.byteOffset - file.byteOffset
    if (start > from) parts.push(file.subarray(from, start))
    from = start + text.length
  }
  return from === 0 ? file : Buffer.concat([...parts, file.subarray(from)])
}

/**
 * Whether a chunk is the header: the first one that is long enough counts. (PNG specification,
 * 11.2.1)
 */
export function isHeader({ type, data }: PngChunk): boolean {
  return type === 'IHDR' && data.length >= 13
}
