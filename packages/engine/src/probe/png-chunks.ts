import * as zlib from 'node:zlib'

export interface PngChunk {
  type: string
  data: Uint8Array
}

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/**
 * The chunks of a PNG file up to IEND, which is included. A chunk that breaks off is given as far as it goes; checksums are not looked at.
 * (PNG specification, 5.3)
 */
export function* pngChunks(file: Uint8Array): Generator<PngChunk> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let at = PNG_SIGNATURE.length
  while (at + 8 <= file.length) {
    const end = at + 8 + view.getUint32(at)
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8))
    yield { type, data: file.subarray(at + 8, Math.min(end, file.length)) }
    if (type === 'IEND') return
    at = end + 4
  }
}

/** A PNG file of the given chunks, with their checksums. */
export function writePng(chunks: readonly PngChunk[]): Uint8Array {
  const parts: Uint8Array[] = [PNG_SIGNATURE]
  for (const { type, data } of chunks) {
    const frame = new DataView(new ArrayBuffer(12))
    const name = Buffer.from(type, 'latin1')
    frame.setUint32(0, data.length)
    new Uint8Array(frame.buffer).set(name, 4)
    frame.setUint32(8, checksum(data, checksum(name)))
    parts.push(new Uint8Array(frame.buffer, 0, 8), data, new Uint8Array(frame.buffer, 8))
  }
  return Buffer.concat(parts)
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  return remainder
})

/** Node's own from 20.15 on, which takes a tenth of the time. */
const checksum: (bytes: Uint8Array, before?: number) => number = zlib.crc32 ?? tableChecksum

/** Checksum of a chunk, continued from that of the bytes before. (PNG specification, annex D) */
function tableChecksum(bytes: Uint8Array, before = 0): number {
  let crc = ~before
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8)
  return ~crc >>> 0
}
