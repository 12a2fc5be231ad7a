import type { Frame, ImageFile } from '../image.js'
import { addExif, type Carriers, EXIF_HEADER, XMP_HEADER } from './carriers.js'
import { type InflateBudget, InflateError, inflateWithin, MAX_INFLATED } from './inflate.js'
import { startsWith } from './jpeg.js'
import { isHeader, type PngChunk, pngChunks, TEXT_CHUNKS } from './png.js'
import { rawProfile } from './raw-profile.js'

/** Chunks that hold a few numbers only, with their length in bytes. */
const FIXED_CHUNKS: Record<string, number> = { cICP: 4, cHRM: 32, gAMA: 4, sRGB: 1, pHYs: 9, tIME: 7 }

const RAW_PROFILE = 'Raw profile type '
const MAX_KEYWORD = 79

/**
 * The header and the metadata of a PNG, of each kind of block the first one; undefined without a
 * header.
 */
export function readPngFile(file: Uint8Array): ImageFile | undefined {
  let frame: Frame | undefined
  const carriers = { chunks: [], warnings: new Set<string>() }
  const budget: InflateBudget = { bytes: MAX_INFLATED }
  for (const chunk of pngChunks(file)) {
    if (isHeader(chunk)) frame ??= frameOf(chunk)
    else addCarrier(carriers, chunk, budget)
  }
  return frame && { frame, carriers }
}

/**
 * Width, height, bit depth, colour type (bit 1: colour). Of an animation only the default image
 * counts. (PNG specification, 11.2.1)
 */
function frameOf({ data }: PngChunk): Frame {
  const view = new DataView(data.buffer, data.byteOffset)
  return {
    format: 'png',
    width: view.getUint32(0),
    height: view.getUint32(4),
    colour: data[9] & 2 ? 'rgb' : 'gray',
    bitDepth: data[8] === 16 ? 16 : 8,
    fullChroma: false,
  }
}

/** Only relevant blocks are inflated. */
function addCarrier(carriers: Carriers & { chunks: PngChunk[] }, chunk: PngChunk, budget: InflateBudget): void {
  const { type, data } = chunk
  try {
    if (type === 'eXIf') addExif(carriers, data)
    if (type === 'iCCP') carriers.icc ??= inflateWithin(budget, data.subarray(afterKeyword(data) + 1))
    if (TEXT_CHUNKS.has(type)) addTextChunk(carriers, chunk, budget)
  } catch (error) {
    if (!(error instanceof InflateError)) throw error
    carriers.warnings.add(error.message)
  }
  if (FIXED_CHUNKS[type] === data.length && !carriers.chunks.some(other => other.type === type)) carriers.chunks.push(chunk)
}

/**
 * XMP as in its standard, and EXIF or XMP as written by ImageMagick: hexadecimal text under the
 * keyword "Raw profile type ...".
 */
function addTextChunk(carriers: Carriers, chunk: PngChunk, budget: InflateBudget): void {
  const keyword = keywordOf(chunk.data)
  if (keyword === 'XML:com.adobe.xmp') carriers.xmp ??= textOf(chunk, budget)
  if (!keyword.startsWith(RAW_PROFILE)) return
  const name = keyword.slice(RAW_PROFILE.length).toLowerCase()
  if (!isWanted(carriers, name)) return
  const text = textOf(chunk, budget)
  const profile = text && rawProfile(text)
  if (!profile) return
  if (startsWith(profile, EXIF_HEADER)) addExif(carriers, profile.subarray(EXIF_HEADER.length))
  else if (startsWith(profile, XMP_HEADER)) carriers.xmp ??= profile.subarray(XMP_HEADER.length)
  else if (name === 'exif') addExif(carriers, profile)
  else if (name === 'xmp') carriers.xmp ??= profile
}

/**
 * Whether a raw profile of this name can contain a block that is still missing: APP1 is used for
 * both in JPEG.
 */
function isWanted({ exif, xmp }: Carriers, name: string): boolean {
  if (name === 'exif') return !exif
  if (name === 'xmp') return !xmp
  return name === 'app1' && !(exif && xmp)
}

function keywordOf(data: Uint8Array): string {
  const start = data.subarray(0, MAX_KEYWORD + 1)
  return Buffer.from(start.subarray(0, Math.max(0, afterKeyword(start) - 1))).toString('latin1')
}

/** Where the data after the zero-terminated keyword starts; 0 without one. */
function afterKeyword(data: Uint8Array): number {
  return data.indexOf(0) + 1
}

/** The text of a tEXt, zTXt or iTXt chunk, inflated. (PNG specification, 11.3.3) */
function textOf({ type, data }: PngChunk, budget: InflateBudget): Uint8Array | undefined {
  const start = afterKeyword(data)
  if (type === 'tEXt') return data.subarray(start)
  if (type === 'zTXt') return inflateWithin(budget, data.subarray(start + 1))
  const isCompressed = data[start] === 1
  const language = start + 2
  const translated = data.indexOf(0, language) + 1
  const text = data.indexOf(0, translated) + 1
  if (translated === 0 || text === 0) return undefined
  return isCompressed ? inflateWithin(budget, data.subarray(text)) : data.subarray(text)
}
