import { crc32 } from './crc.js'
import { PNG_SIGNATURE, type PngChunk } from './png.js'

/** A PNG file of the given chunks, with their checksums. */
export function writePng(chunks: readonly PngChunk[]): Uint8Array {
  const parts: Uint8Array[] = [PNG_SIGNATURE]
  for (const { type, data } of chunks) {
    const frame = new DataView(new ArrayBuffer(12))
    const name = Buffer.from(type, 'latin1')
    frame.setUint32(0, data.length)
    new Uint8Array(frame.buffer).set(name, 4)
    frame.setUint32(8, crc32(data, crc32(name)))
    parts.push(new Uint8Array(frame.buffer, 0, 8), data, new Uint8Array(frame.buffer, 8))
  }
  return Buffer.concat(parts)
}
