/**
 * File names as strings, whatever their bytes. Linux allows any bytes in names: most are UTF-8, but
 * old archives and disks contain others, which Node.js would replace. Here a byte that is not UTF-8
 * becomes a lone surrogate, U+DC80 to U+DCFF, which no valid name contains (PEP 383). So every name
 * can be joined, compared and kept in JSON, and finds its file again.
 */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const MAX_CHARACTER_BYTES = 4

/** Decodes the bytes of a file name. */
export function nameOf(bytes: Buffer): string {
  const name = bytes.toString()
  if (Buffer.from(name).equals(bytes)) return name
  let exact = ''
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at)
    exact += character ?? String.fromCharCode(0xdc00 + bytes[at])
    at += character === undefined ? 1 : Buffer.byteLength(character)
  }
  return exact
}

/** The UTF-8 character that starts at `at`; undefined if there is none. */
function characterAt(bytes: Buffer, at: number): string | undefined {
  for (let length = 1; length <= MAX_CHARACTER_BYTES; length++) {
    try {
      return utf8.decode(bytes.subarray(at, at + length))
    } catch {
      // An incomplete or invalid character.
    }
  }
  return undefined
}

/**
 * Converts a name for the functions of node:fs: the string itself, or its bytes where they are not
 * UTF-8.
 */
export function onDisk(name: string): string | Buffer {
  if (!/\p{Cs}/u.test(name)) return name
  const bytes = Array.from(name, character => {
    const code = character.charCodeAt(0)
    const isByte = character.length === 1 && code >= 0xdc80 && code <= 0xdcff
    return isByte ? Buffer.of(code - 0xdc00) : Buffer.from(character)
  })
  return Buffer.concat(bytes)
}

/**
 * Characters that move the cursor, end a line or reverse the direction of text, and bytes that are
 * not UTF-8.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/**
 * Makes a name safe for a terminal or a log line: unsafe characters are escaped as \xe9 or \u202e.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, character => {
    const code = character.charCodeAt(0)
    const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code
    return byte < 0x100 ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}

/**
 * A value as one line of JSON without unsafe characters. Bytes of names that are not UTF-8 are
 * written as "\udce9", as Python's os.fsencode expects them.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
