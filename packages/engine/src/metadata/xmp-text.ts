/**
 * An XMP packet's bytes as text, whatever encoding they are in and whatever its declaration says of
 * it. (ISO 16684-1, 7.3)
 */

const ROOT = Buffer.from('RDF')

/** @returns undefined when the bytes hold no RDF in any Unicode encoding */
export function packetText(packet: Uint8Array): string | undefined {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength)
  for (const width of [1, 2, 4]) {
    const at = bytes.indexOf(spread(ROOT, width))
    // A big-endian character's last byte is the one that is not zero.
    if (at >= 0) return decode(bytes, width, at % width === 0).replace(CONTROLS, ' ')
  }
  return undefined
}

/** Control characters, above all the NUL of programs written in C, are allowed in no XML. */
const CONTROLS = /[^\P{Cc}\t\n\r]+/gu

/** ASCII letters with the zeros between them that encodings of more bytes have. */
function spread(letters: Buffer, width: number): Buffer {
  const wide = Buffer.alloc((letters.length - 1) * width + 1)
  for (const [i, letter] of letters.entries()) wide[i * width] = letter
  return wide
}

function decode(bytes: Buffer, width: number, littleEndian: boolean): string {
  if (width === 1) return utf8(bytes)
  const whole = bytes.subarray(0, bytes.length - (bytes.length % width))
  if (width === 2) return littleEndian ? whole.toString('utf16le') : Buffer.from(whole).swap16().toString('utf16le')
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength)
  const characters = Array.from({ length: whole.length / 4 }, (_, i) => character(view.getUint32(4 * i, littleEndian)))
  return characters.join('')
}

/** UTF-8, which it must be; else Latin-1, which old programs write anyway. */
function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
}
