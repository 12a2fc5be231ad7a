/**
 * File names as strings, whatever their bytes. Linux takes any bytes as a name: most are UTF-8, but
 * old archives and disks hold others, which Node.js would replace. Here a byte that is no part of
 * UTF-8 is a lone surrogate, U+DC80 to U+DCFF, which no valid name contains (PEP 383). So every
 * name can be joined, compared and kept in JSON, and finds its file again.
 */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const LONGEST_CHARACTER = 4

/** The name that the bytes of the file system spell. */
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

/** The character of UTF-8 that begins at `at`; undefined where none does. */
function characterAt(bytes: Buffer, at: number): string | undefined {
  for (let length = 1; length <= LONGEST_CHARACTER; length++) {
    try {
      return utf8.decode(bytes.subarray(at, at + length))
    } catch {
      // Not a whole character yet, or never one.
    }
  }
  return undefined
}

/**
 * A name as the functions of node:fs find its file: the string itself, or its bytes where they are
 * not UTF-8.
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
 * What moves the cursor, ends a line or turns the direction of text around, and bytes that are not
 * UTF-8.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/**
 * A name as it may be shown on a terminal or in one line of a log: what is unsafe there is written
 * as an escape, \xe9 or \u202e.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, character => {
    const code = character.charCodeAt(0)
    const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code
    return byte < 0x100 ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}

/**
 * A value as one line of JSON with nothing unsafe in it. Bytes of names that are not UTF-8 stand as
 * "\udce9", as Python's os.fsencode takes them.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
