/** Where a file carries metadata: the raw blocks, found but not yet trusted. */

import { inflateSync } from 'node:zlib'
import type { Format } from '../image.js'
import { jpegSegments, startsWith } from '../probe/jpeg-segments.js'
import { type PngChunk, pngChunks } from '../probe/png-chunks.js'

export interface Carriers {
  /** A TIFF block. */
  exif?: Uint8Array
  /** An XMP packet, UTF-8. */
  xmp?: Uint8Array
  icc?: Uint8Array
  /** Of a JPEG: unit, x and y density of the JFIF header (five bytes). */
  density?: Uint8Array
  /** Of a PNG: the chunks of fixed length that say how colours, size and time are to be read. */
  chunks?: PngChunk[]
}

export const EXIF_HEADER = 'Exif\0\0'
export const XMP_HEADER = 'http://ns.adobe.com/xap/1.0/\0'
export const ICC_HEADER = 'ICC_PROFILE\0'
export const JFIF_HEADER = 'JFIF\0'

/** Chunks that hold a few numbers only, with their length in bytes. */
const FIXED_CHUNKS: Record<string, number> = { cICP: 4, cHRM: 32, gAMA: 4, sRGB: 1, pHYs: 9, tIME: 7 }

/** The most that a compressed block may unfold to: the largest colour profiles are about this size. */
const LONGEST_BLOCK = 4 * 1024 ** 2

export function findCarriers(file: Uint8Array, format: Format): Carriers {
  return format === 'jpeg' ? jpegCarriers(file) : pngCarriers(file)
}

/** The first EXIF and XMP segments count, as for every viewer; repeated ones are not looked at. */
function jpegCarriers(file: Uint8Array): Carriers {
  const found: Carriers = {}
  const profile: Uint8Array[] = []
  for (const { marker, data } of jpegSegments(file)) {
    if (marker === 0xe0 && startsWith(data, JFIF_HEADER) && data.length >= 12) found.density ??= data.subarray(7, 12)
    if (marker === 0xe1 && startsWith(data, EXIF_HEADER)) found.exif ??= data.subarray(EXIF_HEADER.length)
    if (marker === 0xe1 && startsWith(data, XMP_HEADER)) found.xmp ??= data.subarray(XMP_HEADER.length)
    if (marker === 0xe2 && startsWith(data, ICC_HEADER)) profile[data[ICC_HEADER.length]] ??= data.subarray(ICC_HEADER.length + 2)
  }
  if (profile.length > 0) found.icc = Buffer.concat(Object.values(profile))
  return found
}

function pngCarriers(file: Uint8Array): Carriers {
  const found: Carriers & { chunks: PngChunk[] } = { chunks: [] }
  for (const chunk of pngChunks(file)) {
    const { type, data } = chunk
    if (type === 'eXIf') found.exif ??= data
    if (type === 'iCCP') found.icc ??= inflated(data, afterKeyword(data) + 1)
    if (type === 'tEXt' || type === 'zTXt' || type === 'iTXt') addTextChunk(found, chunk)
    if (FIXED_CHUNKS[type] === data.length && !found.chunks.some(other => other.type === type)) found.chunks.push(chunk)
  }
  return found
}

/** XMP as its standard has it, and EXIF or XMP as ImageMagick writes them: hexadecimal text under the keyword "Raw profile type ...". */
function addTextChunk(found: Carriers, chunk: PngChunk): void {
  const keyword = Buffer.from(chunk.data.subarray(0, Math.max(0, afterKeyword(chunk.data) - 1))).toString('latin1')
  if (keyword === 'XML:com.adobe.xmp') found.xmp ??= textOf(chunk)
  if (!keyword.startsWith('Raw profile type ')) return
  const text = textOf(chunk)
  const profile = text && rawProfile(text)
  if (!profile) return
  if (startsWith(profile, EXIF_HEADER)) found.exif ??= profile.subarray(EXIF_HEADER.length)
  else if (startsWith(profile, XMP_HEADER)) found.xmp ??= profile.subarray(XMP_HEADER.length)
  else if (keyword.endsWith(' exif')) found.exif ??= profile
  else if (keyword.endsWith(' xmp')) found.xmp ??= profile
}

/** Where the data after the zero-terminated keyword starts; 0 without one. */
function afterKeyword(data: Uint8Array): number {
  return data.indexOf(0) + 1
}

/** The text of a tEXt, zTXt or iTXt chunk, unfolded. (PNG specification, 11.3.3) */
function textOf({ type, data }: PngChunk): Uint8Array | undefined {
  const start = afterKeyword(data)
  if (type === 'tEXt') return data.subarray(start)
  if (type === 'zTXt') return inflated(data, start + 1)
  const compressed = data[start] === 1
  const language = start + 2
  const translated = data.indexOf(0, language) + 1
  const text = data.indexOf(0, translated) + 1
  if (translated === 0 || text === 0) return undefined
  return compressed ? inflated(data, text) : data.subarray(text)
}

/** A name, the length in decimal digits, then the bytes as hexadecimal digits in lines. */
function rawProfile(text: Uint8Array): Uint8Array | undefined {
  const [, digits] = /^\s*\S+\s+\d+\s+([0-9a-fA-F\s]+)$/.exec(Buffer.from(text).toString('latin1')) ?? []
  return digits === undefined ? undefined : Buffer.from(digits.replace(/\s+/g, ''), 'hex')
}

function inflated(data: Uint8Array, start: number): Uint8Array | undefined {
  try {
    return inflateSync(data.subarray(start), { maxOutputLength: LONGEST_BLOCK })
  } catch {
    return undefined
  }
}
