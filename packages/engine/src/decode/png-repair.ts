import { constants, createInflate, deflateSync } from 'node:zlib'
import { type PngChunk, pngChunks } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'

/** Channels by colour type. (PNG specification, 11.2.1) */
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

const LAST_FILTER = 4

/** First column, first row, and steps of the seven passes of an interlaced image. (PNG specification, 8.2) */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/**
 * A sound PNG from a damaged one: the image data that can still be unpacked, the rest zero (black or transparent). Decoders must not be
 * given the damaged file itself: libpng leaves the missing rows as they lie in memory, where another image may have been before.
 * @returns the file and the share 0..1 of the image data that was there; undefined when nothing can be saved
 */
export async function repairPng(file: Uint8Array): Promise<{ file: Uint8Array; present: number } | undefined> {
  const chunks = [...pngChunks(file)]
  const header = chunks[0]
  const compressed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  const passes = header?.type === 'IHDR' ? passesOf(header) : []
  const size = passes.reduce((sum, { rows, rowLength }) => sum + rows * rowLength, 0)
  if (size === 0) return undefined
  const data = Buffer.alloc(size)
  const present = soundLength(data.subarray(0, await unpack(compressed, data)), passes)
  data.fill(0, present)
  const sound = [
    header,
    ...chunks.filter(({ type }) => type === 'PLTE' || type === 'tRNS'),
    { type: 'IDAT', data: deflateSync(data, { level: 1 }) },
    { type: 'IEND', data: new Uint8Array() },
  ]
  return { file: writePng(sound), present: present / size }
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

/** Bytes before the first row whose filter does not exist: from there on the data is garbage. */
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

/** Unpacks into `target` as far as the data goes and is sound. @returns the number of bytes */
async function unpack(compressed: Uint8Array, target: Uint8Array): Promise<number> {
  const stream = createInflate({ finishFlush: constants.Z_SYNC_FLUSH })
  stream.end(compressed)
  let length = 0
  try {
    for await (const part of stream as AsyncIterable<Uint8Array>) {
      target.set(part.subarray(0, target.length - length), length)
      length = Math.min(target.length, length + part.length)
      if (length === target.length) break
    }
  } catch {
    // The damaged place: what came before it counts.
  }
  return length
}
