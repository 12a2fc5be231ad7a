/**
 * Decodes the scans of baseline and progressive JPEGs to coefficients. (ITU-T T.81, F.2 and G.2)
 */
import { type Component, DamagedDataError } from './coefficients.js'
import type { BitReader, Decoder } from './huffman.js'

/** A component in a scan, with the tables that the scan uses for it. */
export interface Part {
  component: Component
  dc?: Decoder
  ac?: Decoder
  /** DC value of the block before. */
  prediction: number
}

/** A scan of a JPEG. */
export interface Scan {
  parts: Part[]
  progressive: boolean
  /**
   * The band of coefficients, in zigzag order, and the bits of them: all above `high` came before,
   * those down to `low` come now.
   */
  first: number
  last: number
  high: number
  low: number
  /** MCUs between two restart markers; 0: none. */
  restartInterval: number
}

/** State across blocks: how many more blocks of the band are empty. */
interface State {
  emptyBlocks: number
}

type DecodeBlock = (reader: BitReader, part: Part, block: number, scan: Scan, state: State) => void

/**
 * Decodes one scan into its components' blocks.
 * @throws DamagedDataError when its data is damaged in any way
 */
export function decodeScan(reader: BitReader, scan: Scan, mcusAcross: number, mcusDown: number): void {
  const decodeBlock = decoderOfBlocks(scan)
  const state: State = { emptyBlocks: 0 }
  let done = 0
  const nextMcu = () => {
    if (scan.restartInterval > 0 && done > 0 && done % scan.restartInterval === 0) {
      if (state.emptyBlocks > 0) throw damaged()
      reader.restart(done / scan.restartInterval - 1)
      for (const part of scan.parts) part.prediction = 0
    }
    done++
  }
  if (scan.parts.length === 1) {
    const [part] = scan.parts
    const { columns, usedColumns, usedRows } = part.component
    for (let row = 0; row < usedRows; row++) {
      for (let column = 0; column < usedColumns; column++) {
        nextMcu()
        decodeBlock(reader, part, place(part, row * columns + column), scan, state)
      }
    }
  } else {
    for (let row = 0; row < mcusDown; row++) {
      for (let column = 0; column < mcusAcross; column++) {
        nextMcu()
        for (const part of scan.parts) {
          const { h, v, columns } = part.component
          for (let i = 0; i < h * v; i++) {
            const block = (row * v + Math.floor(i / h)) * columns + column * h + (i % h)
            decodeBlock(reader, part, place(part, block), scan, state)
          }
        }
      }
    }
  }
  if (state.emptyBlocks > 0) throw damaged()
}

/** The target of a block's coefficients: a single one where they are not kept. */
function place({ component: { blocks } }: Part, block: number): number {
  return blocks.length === 64 ? 0 : 64 * block
}

function decoderOfBlocks({ progressive, first, high }: Scan): DecodeBlock {
  if (!progressive) return sequential
  if (first === 0) return high === 0 ? dcFirst : dcRefined
  return high === 0 ? acFirst : acRefined
}

const sequential: DecodeBlock = (reader, part, block) => {
  const { blocks } = part.component
  const ac = part.ac!
  blocks[block] = predicted(reader, part, 0)
  for (let k = 1; k < 64; k++) {
    const symbol = reader.symbol(ac)
    const length = symbol & 15
    if (length === 0) {
      if (symbol === 0) return
      if (symbol !== 0xf0) throw damaged()
      k += 15
      if (k > 63) throw damaged()
    } else {
      k += symbol >> 4
      if (k > 63) throw damaged()
      blocks[block + k] = reader.signed(atMost(10, length))
    }
  }
}

const dcFirst: DecodeBlock = (reader, part, block, { low }) => {
  part.component.blocks[block] = predicted(reader, part, low) << low
}

/**
 * The most that the mean of a block makes of a DC value: eight times half of the samples' range.
 * (A.3.1, A.3.3)
 */
const MAX_DC = 8 * 128

/**
 * The next DC value. One wrong byte usually shifts all those behind it: far enough, and some are no
 * longer possible, which is the only trace where the codes fall into step again. Two quantizer
 * steps are left for rounding.
 */
function predicted(reader: BitReader, part: Part, low: number): number {
  part.prediction += reader.signed(atMost(11, reader.symbol(part.dc!)))
  const step = part.component.quantizers[0] << low
  if (Math.abs(part.prediction) * step > MAX_DC + 2 * step) throw damaged()
  return part.prediction
}

const dcRefined: DecodeBlock = (reader, { component }, block, { low }) => {
  component.blocks[block] |= reader.bits(1) << low
}

const acFirst: DecodeBlock = (reader, part, block, { first, last, low }, state) => {
  if (state.emptyBlocks > 0) {
    state.emptyBlocks--
    return
  }
  for (let k = first; k <= last; k++) {
    const symbol = reader.symbol(part.ac!)
    const run = symbol >> 4
    const length = symbol & 15
    if (length === 0 && run < 15) {
      state.emptyBlocks = (1 << run) + reader.bits(run) - 1
      return
    }
    k += run
    if (k > last) throw damaged()
    if (length > 0) part.component.blocks[block + k] = reader.signed(atMost(10, length)) << low
  }
}

/**
 * Every coefficient of the band that is not zero gets one bit more; between them new ones of that
 * one bit appear.
 */
const acRefined: DecodeBlock = (reader, part, block, { first, last, low }, state) => {
  const { blocks } = part.component
  const bit = 1 << low
  const refine = (at: number) => {
    if (reader.bits(1) === 1) blocks[at] += blocks[at] > 0 ? bit : -bit
  }
  let k = first
  while (state.emptyBlocks === 0 && k <= last) {
    const symbol = reader.symbol(part.ac!)
    let zeros = symbol >> 4
    const length = symbol & 15
    if (length > 1) throw damaged()
    if (length === 0 && zeros < 15) {
      state.emptyBlocks = (1 << zeros) + reader.bits(zeros)
      break
    }
    const value = length === 0 ? 0 : reader.bits(1) === 1 ? bit : -bit
    for (; k <= last; k++) {
      if (blocks[block + k] !== 0) refine(block + k)
      else if (zeros-- === 0) break
    }
    if (k > last) throw damaged()
    blocks[block + k++] = value
  }
  if (state.emptyBlocks === 0) return
  for (; k <= last; k++) if (blocks[block + k] !== 0) refine(block + k)
  state.emptyBlocks--
}

function atMost(limit: number, length: number): number {
  if (length > limit) throw damaged()
  return length
}

function damaged(): DamagedDataError {
  return new DamagedDataError('its image data is damaged')
}
