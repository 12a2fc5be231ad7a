/**
 * Huffman tables of JPEG: read from a file, and made for the symbols that are to be written. (ITU-T
 * T.81, annexes C, F and K)
 */
import { DamagedDataError, NotLosslessError } from './coefficients.js'

/**
 * A table as stored in a file: the number of codes of each length 1..16, and their symbols,
 * shortest code first.
 */
export interface HuffmanTable {
  counts: Uint8Array
  symbols: Uint8Array
}

/** Codes up to this length are decoded with one table lookup. */
const LOOKUP_BITS = 9

/** Tables for decoding one Huffman code. */
export interface Decoder {
  /**
   * By the next {@link LOOKUP_BITS} bits: length of the code x 256 + symbol; 0 where the code is
   * longer.
   */
  lookup: Uint16Array
  /**
   * By length: the first code behind those of this length, and what leads from a code to its
   * symbol's index.
   */
  limits: Int32Array
  offsets: Int32Array
  symbols: Uint8Array
}

/** @throws NotLosslessError when the table is invalid */
export function decoderOf({ counts, symbols }: HuffmanTable): Decoder {
  const lookup = new Uint16Array(1 << LOOKUP_BITS)
  const limits = new Int32Array(17)
  const offsets = new Int32Array(17)
  let code = 0
  let index = 0
  for (let length = 1; length <= 16; length++) {
    offsets[length] = index - code
    for (let i = 0; i < counts[length - 1]; i++, code++, index++) {
      const spare = LOOKUP_BITS - length
      if (spare >= 0) lookup.fill((length << 8) | symbols[index], code << spare, (code + 1) << spare)
    }
    if (code > 1 << length) throw new NotLosslessError('one of its Huffman tables is invalid')
    limits[length] = code
    code <<= 1
  }
  return { lookup, limits, offsets, symbols }
}

/**
 * Reads the bits of entropy-coded data, strictly: where a tolerant decoder would guess, this
 * throws.
 */
export class BitReader {
  readonly #data: Uint8Array
  /** The next byte that was not taken into `#bits`. */
  #at: number
  /** The bits taken and not used, the last `#count` ones. */
  #bits = 0
  #count = 0
  /** Zero bits that were added behind the end of the data. */
  #beyond = 0

  constructor(data: Uint8Array, at: number) {
    this.#data = data
    this.#at = at
  }

  /** Makes at least 16 bits ready; behind the end of the data they are zero. */
  #fill(): void {
    while (this.#count <= 16) {
      const byte = this.#data[this.#at]
      if (byte === undefined || (byte === 0xff && this.#data[this.#at + 1] !== 0)) {
        this.#bits <<= 8
        this.#beyond += 8
        if (this.#beyond > 64) throw new DamagedDataError('its image data is truncated')
      } else {
        this.#bits = (this.#bits << 8) | byte
        this.#at += byte === 0xff ? 2 : 1
      }
      this.#count += 8
    }
  }

  symbol({ lookup, limits, offsets, symbols }: Decoder): number {
    if (this.#count < 16) this.#fill()
    const found = lookup[(this.#bits >>> (this.#count - LOOKUP_BITS)) & ((1 << LOOKUP_BITS) - 1)]
    if (found !== 0) {
      this.#count -= found >> 8
      return found & 255
    }
    for (let length = LOOKUP_BITS + 1; length <= 16; length++) {
      const code = (this.#bits >>> (this.#count - length)) & ((1 << length) - 1)
      if (code >= limits[length]) continue
      this.#count -= length
      return symbols[offsets[length] + code]
    }
    throw new DamagedDataError('its image data is damaged')
  }

  /** A number of `length` bits, 0..16. */
  bits(length: number): number {
    if (length === 0) return 0
    if (this.#count < length) this.#fill()
    this.#count -= length
    return (this.#bits >>> this.#count) & ((1 << length) - 1)
  }

  /**
   * A signed number of a category: one of `length` bits, negative ones as their ones' complement.
   * (F.2.2.1)
   */
  signed(length: number): number {
    const value = this.bits(length)
    return length > 0 && value < 1 << (length - 1) ? value - (1 << length) + 1 : value
  }

  /**
   * Expects a marker, as required between two restarts and at the end of a scan.
   * @returns the offset of the marker's code
   * @throws NotLosslessError when data is missing or left over
   */
  end(): number {
    const left = this.#count - this.#beyond
    // Whole bytes that are left over must be zero: some cameras write them before the marker.
    const rest = left > 7 ? (this.#bits >>> this.#beyond) & ((1 << (left & ~7)) - 1) : 0
    if (rest === 0) while (this.#data[this.#at] === 0) this.#at++
    if (left < 0 || rest !== 0 || this.#data[this.#at] !== 0xff) throw new DamagedDataError('its image data is damaged')
    let at = this.#at
    while (this.#data[at] === 0xff) at++
    this.#bits = this.#count = this.#beyond = 0
    return at
  }

  /** Expects a restart marker with the given number and continues after it. */
  restart(number: number): void {
    const at = this.end()
    if (this.#data[at] !== 0xd0 + (number & 7)) throw new DamagedDataError('its restart markers are damaged')
    this.#at = at + 1
  }
}

/**
 * Builds the table with the shortest codes for symbols of these frequencies; none is longer than 16
 * bits or all ones. (K.2)
 * @param frequencies of symbols 0..255
 */
export function optimalTable(frequencies: Uint32Array): HuffmanTable {
  // Symbol 256 reserves the code of all ones.
  const weights = [...frequencies, 1]
  const lengths = new Uint8Array(257)
  const groups = weights.flatMap((weight, symbol) => (weight > 0 ? [{ weight, symbols: [symbol] }] : []))
  while (groups.length > 1) {
    groups.sort((a, b) => b.weight - a.weight)
    const [a, b] = groups.splice(-2)
    const symbols = [...a.symbols, ...b.symbols]
    for (const symbol of symbols) lengths[symbol]++
    groups.push({ weight: a.weight + b.weight, symbols })
  }
  const perLength = new Array<number>(257).fill(0)
  for (const length of lengths) if (length > 0) perLength[length]++
  for (let length = 256; length > 16; length--) {
    while (perLength[length] > 0) {
      let shorter = length - 2
      while (perLength[shorter] === 0) shorter--
      perLength[length] -= 2
      perLength[length - 1]++
      perLength[shorter + 1] += 2
      perLength[shorter]--
    }
  }
  const longest = perLength.findLastIndex(count => count > 0)
  perLength[longest]--
  const symbols = [...lengths.keys()].filter(symbol => symbol < 256 && lengths[symbol] > 0)
  symbols.sort((a, b) => lengths[a] - lengths[b] || a - b)
  return { counts: Uint8Array.from(perLength.slice(1, 17)), symbols: Uint8Array.from(symbols) }
}

/** By symbol: length of its code x 65536 + the code. */
export function encoderOf({ counts, symbols }: HuffmanTable): Uint32Array {
  const codes = new Uint32Array(256)
  let code = 0
  let index = 0
  for (let length = 1; length <= 16; length++, code <<= 1) {
    for (let i = 0; i < counts[length - 1]; i++) codes[symbols[index++]] = (length << 16) | code++
  }
  return codes
}

/** Writes entropy-coded data. */
export class BitWriter {
  #bytes = new Uint8Array(1 << 16)
  #length = 0
  #bits = 0
  #count = 0

  /** Appends the last `length` bits (0..16) of a number. */
  write(value: number, length: number): void {
    this.#bits = (this.#bits << length) | (value & ((1 << length) - 1))
    this.#count += length
    while (this.#count >= 8) {
      this.#count -= 8
      this.#put((this.#bits >>> this.#count) & 255)
    }
  }

  /** The data, filled up with ones to a whole byte. */
  end(): Uint8Array {
    if (this.#count > 0) this.write(0xff, 8 - this.#count)
    return this.#bytes.subarray(0, this.#length)
  }

  #put(byte: number): void {
    if (this.#length + 2 > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.#length++] = byte
    if (byte === 0xff) this.#bytes[this.#length++] = 0
  }
}
