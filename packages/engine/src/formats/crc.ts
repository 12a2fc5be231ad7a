import * as zlib from 'node:zlib'

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  return remainder
})

/**
 * The checksum of PNG, continued from that of the bytes before. Node's own from 20.15 on takes a
 * tenth of the time. (PNG specification, annex D)
 */
export const crc32: (bytes: Uint8Array, before?: number) => number = zlib.crc32 ?? tableChecksum

function tableChecksum(bytes: Uint8Array, before = 0): number {
  let crc = ~before
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8)
  return ~crc >>> 0
}
