const SPACES = new Set([9, 10, 11, 12, 13, 32])

/** By character: the value of a hexadecimal digit, or -1. */
const DIGITS = Int8Array.from({ length: 256 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()))

/**
 * The bytes of a "Raw profile type ..." text, as ImageMagick and exiftool write them into PNG: a
 * name, the length in decimal digits, then the bytes as hexadecimal digits in lines. Takes one
 * pass, since the text may be long and hostile.
 * @returns undefined when the text is of another form
 */
export function rawProfile(text: Uint8Array): Uint8Array | undefined {
  let at = 0
  const skip = (wanted: (byte: number) => boolean): number => {
    const start = at
    while (at < text.length && wanted(text[at])) at++
    return at - start
  }
  const isSpace = (byte: number) => SPACES.has(byte)
  skip(isSpace)
  const name = skip(byte => !isSpace(byte))
  const gap = skip(isSpace)
  const length = skip(byte => byte >= 0x30 && byte <= 0x39)
  if (name === 0 || gap === 0 || length === 0 || skip(isSpace) === 0) return undefined
  return hexadecimal(text.subarray(at))
}

/** @returns undefined when there are no digits, or other characters than digits and spaces */
function hexadecimal(text: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length >> 1)
  let digits = 0
  for (const character of text) {
    if (SPACES.has(character)) continue
    const value = DIGITS[character]
    if (value < 0) return undefined
    bytes[digits >> 1] = (bytes[digits >> 1] << 4) | value
    digits++
  }
  return digits > 1 ? bytes.subarray(0, digits >> 1) : undefined
}
