import { constants, createInflateRaw, deflateSync } from 'node:zlib'
import { isHeader, isIntact, type PngChunk, pngChunks } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'

/** Channels by colour type. (PNG specification, 11.2.1) */
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

const LAST_FILTER = 4

/**
 * First column, first row, and steps of the seven passes of an interlaced image. (PNG
 * specification, 8.2)
 */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** A PNG that decoders accept, with what is left of a damaged one. */
export interface RepairedPng {
  file: Uint8Array
  /** Fraction 0..1 of the image data that is present. */
  present: number
  /** All of it is present and matches its checksums, where they exist. */
  isSound: boolean
}

/**
 * Repairs a PNG that a strict decoder refuses: keeps every row that can still be inflated, sets the
 * rest to zero (black or transparent). Decoders must not get the damaged file itself: libpng leaves
 * missing rows uninitialized, and the memory may contain another image.
 * @returns undefined when nothing can be recovered
 */
export async function repairPng(file: Uint8Array): Promise<RepairedPng | undefined> {
  const { header, palette, compressed } = partsOf(file)
  const passes = header ? passesOf(header) : []
  const size = passes.reduce((sum, { rows, rowLength }) => sum + rows * rowLength, 0)
  if (!header || size === 0) return undefined
  const data = Buffer.alloc(size)
  const rowLength = Math.max(...passes.map(pass => pass.rowLength))
  const unpacked = await unpack(compressed, data, rowLength * Math.ceil(size / rowLength / MAX_PARTS))
  const present = soundLength(data.subarray(0, unpacked.length), passes)
  data.fill(0, present)
  const sound = [
    header,
    ...palette,
    { type: 'IDAT', data: deflateSync(data, { level: 1 }) },
    { type: 'IEND', data: new Uint8Array() },
  ]
  const isSound =
    present === size &&
    [header, ...palette].every(chunk => isIntact(file, chunk)) &&
    (unpacked.checksum ?? adler32(data)) === adler32(data)
  return { file: writePng(sound), present: present / size, isSound }
}

/** Keeps only the chunks that define the pixels, and joins the chunks of image data. */
function partsOf(file: Uint8Array): { header?: PngChunk; palette: PngChunk[]; compressed: Uint8Array } {
  const palette: PngChunk[] = []
  const compressed = Buffer.alloc(file.length)
  let header: PngChunk | undefined
  let length = 0
  for (const chunk of pngChunks(file)) {
    if (isHeader(chunk)) header ??= chunk
    if (chunk.type === 'PLTE' || chunk.type === 'tRNS') palette.push(chunk)
    if (chunk.type !== 'IDAT') continue
    compressed.set(chunk.data, length)
    length += chunk.data.length
  }
  return { header, palette, compressed: compressed.subarray(0, length) }
}

interface Pass {
  rows: number
  /** Bytes, with the filter byte that each row starts with. */
  rowLength: number
}

function passesOf({ data }: PngChunk): Pass[] {
  const view = new DataView(data.buffer, data.byteOffset)
  const width = view.getUint32(0)
  const height = view.getUint32(4)
  const bitsPerPixel = data[8] * (CHANNELS[data[9]] ?? 0)
  const passes = data[12] === 1 ? PASSES : ([[0, 0, 1, 1]] as const)
  return passes
    .map(([x, y, stepX, stepY]) => ({ columns: Math.ceil((width - x) / stepX), rows: Math.ceil((height - y) / stepY) }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map(({ columns, rows }) => ({ rows, rowLength: 1 + Math.ceil((columns * bitsPerPixel) / 8) }))
}

/** Bytes before the first row with an invalid filter: the data after it is garbage. */
function soundLength(data: Uint8Array, passes: readonly Pass[]): number {
  let at = 0
  for (const { rows, rowLength } of passes) {
    for (let row = 0; row < rows; row++, at += rowLength) {
      if (at >= data.length) return data.length
      if (data[at] > LAST_FILTER) return at
    }
  }
  return data.length
}

/**
 * Of zlib's format: the header, in which some programs declare a window size that is too small.
 * (RFC 1950, 2.2)
 */
const ZLIB_HEADER = 2
/** The minimum of Node.js in bytes. */
const MIN_PART = 64
/** The overhead of a part is that of 100 kB of data: short rows are combined into larger parts. */
const MAX_PARTS = 4096

/**
 * Inflates into `target` as far as the data is intact, with the largest window whatever the header
 * declares.
 * @param partLength bytes of output at a time; the part with the damage is lost
 * @returns the number of bytes, and the checksum that follows the data, if there is one
 */
async function unpack(
  compressed: Uint8Array,
  target: Uint8Array,
  partLength: number,
): Promise<{ length: number; checksum?: number }> {
  const stream = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: Math.max(MIN_PART, partLength) })
  stream.end(compressed.subarray(ZLIB_HEADER))
  let length = 0
  try {
    for await (const part of stream as AsyncIterable<Uint8Array>) {
      target.set(part.subarray(0, target.length - length), length)
      length += part.length
      if (length > target.length) return { length: target.length }
    }
  } catch {
    return { length }
  }
  const end = ZLIB_HEADER + stream.bytesWritten
  const checksum = compressed.length < end + 4 ? undefined : Buffer.from(compressed.subarray(end, end + 4)).readUInt32BE()
  return { length, checksum }
}

/**
 * Sums modulo 65521, taken seldom enough to be cheap and often enough to stay exact. (RFC 1950, 9)
 */
function adler32(data: Uint8Array): number {
  let a = 1
  let b = 0
  for (let start = 0; start < data.length; start += 3800) {
    const end = Math.min(data.length, start + 3800)
    for (let i = start; i < end; i++) {
      a += data[i]
      b += a
    }
    a %= 65521
    b %= 65521
  }
  return ((b << 16) | a) >>> 0
}
