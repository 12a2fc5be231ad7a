import { type Coefficients, type Component, NotLosslessError } from './coefficients.js'
import { BitWriter, encoderOf, type HuffmanTable, optimalTable } from './huffman.js'

/**
 * Largest category of a DC difference and of an AC coefficient in a file of 8 bits. (ITU-T T.81,
 * F.1.2)
 */
const MAX_DC_BITS = 11
const MAX_AC_BITS = 10

/**
 * Writes coefficients as a baseline JPEG of one scan without restarts, with Huffman tables made for
 * them: the image alone, without any application segment.
 * @throws NotLosslessError when a coefficient is larger than such a file can hold
 */
export function writeCoefficients(image: Coefficients): Uint8Array {
  // As usual: one pair of tables for the lightness, another one for both colours.
  const groups = [image.components.slice(0, 1), image.components.slice(1)].filter(group => group.length > 0)
  const tables = groups.map(group => tablesFor(image, group))
  const writer = new BitWriter()
  const codes = tables.map(({ dc, ac }) => ({ dc: encoderOf(dc), ac: encoderOf(ac) }))
  const codesOf = image.components.map((_, i) => codes[Math.min(i, 1)])
  const put = (symbol: number, table: Uint32Array, value: number, length: number) => {
    writer.write(table[symbol], table[symbol] >>> 16)
    writer.write(value, length)
  }
  forEachBlock(image, image.components, (component, block, difference, index) => {
    const { dc, ac } = codesOf[index]
    codeBlock(component, block, difference, (symbol, value, length, isDc) => put(symbol, isDc ? dc : ac, value, length))
  })
  return Buffer.concat([
    Uint8Array.of(0xff, 0xd8),
    ...image.components.map(({ quantizers }, i) => quantizerSegment(quantizers, i)),
    frameSegment(image),
    ...tables.flatMap(({ dc, ac }, i) => [huffmanSegment(dc, i), huffmanSegment(ac, 0x10 | i)]),
    scanSegment(image.components.length),
    writer.end(),
    Uint8Array.of(0xff, 0xd9),
  ])
}

/** Tables made for what the blocks of these components hold. */
function tablesFor(image: Coefficients, components: readonly Component[]): { dc: HuffmanTable; ac: HuffmanTable } {
  const dc = new Uint32Array(256)
  const ac = new Uint32Array(256)
  forEachBlock(image, components, (component, block, difference) =>
    codeBlock(component, block, difference, (symbol, _value, length, isDc) => {
      if (length > (isDc ? MAX_DC_BITS : MAX_AC_BITS)) throw new NotLosslessError('it contains values outside the standard')
      if (isDc) dc[symbol]++
      else ac[symbol]++
    }),
  )
  return { dc: optimalTable(dc), ac: optimalTable(ac) }
}

type VisitBlock = (component: Component, block: number, difference: number, index: number) => void

/**
 * Visits the blocks in the order of the file; `difference` is that of the DC value to the
 * component's block before.
 */
function forEachBlock({ components: all }: Coefficients, components: readonly Component[], visit: VisitBlock): void {
  const predictions = new Int32Array(components.length)
  const mcusAcross = all[0].columns / all[0].h
  const mcusDown = all[0].rows / all[0].v
  for (let row = 0; row < mcusDown; row++) {
    for (let column = 0; column < mcusAcross; column++) {
      components.forEach((component, index) => {
        const { h, v, columns, blocks } = component
        for (let i = 0; i < h * v; i++) {
          const block = 64 * ((row * v + Math.floor(i / h)) * columns + column * h + (i % h))
          visit(component, block, blocks[block] - predictions[index], index)
          predictions[index] = blocks[block]
        }
      })
    }
  }
}

type Put = (symbol: number, value: number, length: number, isDc: boolean) => void

/** The symbols of a block, each with the bits that follow it. (F.1.2) */
function codeBlock({ blocks }: Component, block: number, difference: number, put: Put): void {
  const category = bitLength(difference)
  put(category, difference < 0 ? difference - 1 : difference, category, true)
  let zeros = 0
  for (let k = 1; k < 64; k++) {
    const value = blocks[block + k]
    if (value === 0) {
      zeros++
      continue
    }
    for (; zeros > 15; zeros -= 16) put(0xf0, 0, 0, false)
    const length = bitLength(value)
    put((zeros << 4) | length, value < 0 ? value - 1 : value, length, false)
    zeros = 0
  }
  if (zeros > 0) put(0, 0, 0, false)
}

function bitLength(value: number): number {
  return 32 - Math.clz32(Math.abs(value))
}

function segment(marker: number, ...payload: number[]): Uint8Array {
  const length = payload.length + 2
  return Uint8Array.of(0xff, marker, length >> 8, length & 255, ...payload)
}

/** Two bytes a value only where one does not suffice. (B.2.4.1) */
function quantizerSegment(quantizers: Uint16Array, index: number): Uint8Array {
  if (quantizers.every(value => value < 256)) return segment(0xdb, index, ...quantizers)
  return segment(0xdb, 0x10 | index, ...[...quantizers].flatMap(value => [value >> 8, value & 255]))
}

/** Baseline, or with quantizers of two bytes extended sequential. (B.2.2) */
function frameSegment({ width, height, components }: Coefficients): Uint8Array {
  const marker = components.every(({ quantizers }) => quantizers.every(value => value < 256)) ? 0xc0 : 0xc1
  const fields = components.flatMap(({ h, v }, i) => [i + 1, (h << 4) | v, i])
  return segment(marker, 8, height >> 8, height & 255, width >> 8, width & 255, components.length, ...fields)
}

function huffmanSegment({ counts, symbols }: HuffmanTable, index: number): Uint8Array {
  return segment(0xc4, index, ...counts, ...symbols)
}

/** Components with their DC and AC table, all coefficients, all bits. (B.2.3) */
function scanSegment(count: number): Uint8Array {
  const fields = Array.from({ length: count }, (_, i) => [i + 1, i === 0 ? 0x00 : 0x11])
  return segment(0xda, count, ...fields.flat(), 0, 63, 0)
}
