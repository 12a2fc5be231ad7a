/** Randomly damaged files, mostly in the structure of their container. */

import { deflateSync } from 'node:zlib'
import { jpegSegments } from '../formats/jpeg.js'
import { type PngChunk, pngChunks } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'

/** Whole numbers from 0 to below `limit`, always the same ones for a seed. (Mulberry32) */
export type Random = (limit: number) => number

export function randomFrom(seed: number): Random {
  let state = seed
  return limit => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

type Mutation = (file: Buffer, random: Random) => Buffer

/** Applies one to three mutations that suit the file. */
export function mutate(file: Uint8Array, random: Random): Buffer {
  const own = file[0] === 0xff ? JPEG_MUTATIONS : PNG_MUTATIONS
  let result: Buffer = Buffer.from(file)
  for (let i = 0; i <= random(3); i++) {
    const mutations = random(3) === 0 ? BYTE_MUTATIONS : own
    result = mutations[random(mutations.length)](result, random)
  }
  return result
}

function bytes(random: Random, most: number): Buffer {
  const kind = random(4)
  return Buffer.from(
    Array.from({ length: random(most + 1) }, () => (kind === 0 ? 0xff : kind === 1 ? random(2) * 255 : random(256))),
  )
}

function insert(file: Buffer, at: number, data: Uint8Array): Buffer {
  return Buffer.concat([file.subarray(0, at), data, file.subarray(at)])
}

const BYTE_MUTATIONS: Mutation[] = [
  (file, random) => {
    file[random(file.length)] ^= 1 << random(8)
    return file
  },
  (file, random) => {
    file[random(Math.min(file.length, 700))] = random(256)
    return file
  },
  (file, random) => file.subarray(0, random(file.length + 1)),
  (file, random) => insert(file, random(file.length + 1), bytes(random, 40)),
  (file, random) => {
    const from = random(file.length)
    return Buffer.concat([file.subarray(0, from), file.subarray(from + random(40))])
  },
  (file, random) => {
    const from = random(file.length)
    return file.fill(random(2) * 255, from, Math.min(file.length, from + random(200)))
  },
  (file, random) => Buffer.concat([file, bytes(random, 200)]),
]

/** A place between two segments, and the segment behind it. */
function segmentOf(file: Buffer, random: Random): { start: number; end: number } {
  const segments = [...jpegSegments(file)]
  return segments[random(segments.length)] ?? { start: Math.min(2, file.length), end: file.length }
}

const STANDALONE_MARKERS = [0x00, 0x01, 0xd0, 0xd3, 0xd7, 0xd8, 0xd9, 0xff]
const MARKERS = [0xc0, 0xc1, 0xc2, 0xc4, 0xcc, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xe0, 0xe1, 0xe2, 0xee, 0xfe, 0x02, 0xf0]
const HEADS = [
  '',
  'Exif\0\0',
  'Exif\0\0II*\0\b\0\0\0',
  'JFIF\0',
  'ICC_PROFILE\0\x01\x01',
  'http://ns.adobe.com/xap/1.0/\0',
  'Adobe\0',
]

const JPEG_MUTATIONS: Mutation[] = [
  (file, random) => insert(file, segmentOf(file, random).start, bytes(random, 30)),
  (file, random) =>
    insert(file, segmentOf(file, random).start, Buffer.from([0xff, STANDALONE_MARKERS[random(STANDALONE_MARKERS.length)]])),
  (file, random) => insert(file, segmentOf(file, random).start, Buffer.alloc(random(6), 0xff)),
  (file, random) => {
    const data = Buffer.concat([Buffer.from(HEADS[random(HEADS.length)], 'latin1'), bytes(random, 60)])
    const length = random(4) === 0 ? random(4) : data.length + 2
    const head = Buffer.from([0xff, MARKERS[random(MARKERS.length)], length >> 8, length & 255])
    return insert(file, segmentOf(file, random).start, Buffer.concat([head, data]))
  },
  (file, random) => {
    const { start, end } = segmentOf(file, random)
    return insert(file, segmentOf(file, random).start, file.subarray(start, end))
  },
  (file, random) => {
    const { start, end } = segmentOf(file, random)
    return Buffer.concat([file.subarray(0, start), file.subarray(end)])
  },
  (file, random) => {
    const { start } = segmentOf(file, random)
    if (start + 4 <= file.length) file.writeUInt16BE(random(2) ? random(8) : random(65536), start + 2)
    return file
  },
]

const TYPES = [
  'IHDR',
  'PLTE',
  'tRNS',
  'IDAT',
  'IEND',
  'iCCP',
  'eXIf',
  'zTXt',
  'iTXt',
  'tEXt',
  'gAMA',
  'acTL',
  'fdAT',
  'abcd',
  'ABCD',
]
const KEYWORDS = ['', 'icc\0\0', 'Raw profile type exif\0\0', 'Raw profile type APP1\0\0', 'XML:com.adobe.xmp\0\x01\0\0\0']

function onChunks(change: (chunks: PngChunk[], random: Random) => PngChunk[]): Mutation {
  return (file, random) => {
    const chunks = [...pngChunks(file)]
    return chunks.length > 0 ? Buffer.from(writePng(change(chunks, random))) : file
  }
}

const PNG_MUTATIONS: Mutation[] = [
  onChunks((chunks, random) => chunks.toSpliced(random(chunks.length + 1), 0, chunks[random(chunks.length)])),
  onChunks((chunks, random) => chunks.toSpliced(random(chunks.length), 1)),
  onChunks((chunks, random) => {
    const content = random(2) ? deflateSync(random(2) ? Buffer.alloc(random(3e6), ' ') : bytes(random, 400)) : bytes(random, 60)
    const data = Buffer.concat([Buffer.from(KEYWORDS[random(KEYWORDS.length)], 'latin1'), content])
    return chunks.toSpliced(random(chunks.length + 1), 0, { type: TYPES[random(TYPES.length)], data })
  }),
  onChunks((chunks, random) =>
    chunks.flatMap(chunk => {
      const cut = random(chunk.data.length + 1)
      const halves = [chunk.data.subarray(0, cut), chunk.data.subarray(cut)]
      return chunk.type === 'IDAT' ? halves.map(data => ({ type: 'IDAT', data })) : [chunk]
    }),
  ),
  onChunks((chunks, random) =>
    chunks.map(({ type, data }) => {
      const changed = Buffer.from(data)
      if (changed.length > 0 && random(3) === 0) changed[random(changed.length)] = random(256)
      return { type, data: changed }
    }),
  ),
  (file, random) => {
    const [first] = [...pngChunks(file)].slice(random(3))
    const at = first ? first.data.byteOffset - file.byteOffset - 8 : 0
    if (at >= 8) file.writeUInt32BE(random(2) ? random(100) : random(2 ** 32), at)
    return file
  },
]
