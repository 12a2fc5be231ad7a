import sharp, { type Sharp } from 'sharp'
import { EngineError } from '../errors.js'
import { withoutTexts } from '../formats/png.js'
import type { Header, Pixels, Raster } from '../image.js'
import { isNearSrgb } from '../metadata/icc.js'
import { applyExponent, displayExponent, overContrast, stretched } from './display.js'
import { conditionOf, satisfiesDecoder } from './jpeg-damage.js'
import { requireFewScans } from './jpeg-scans.js'
import { END_MARKER, hasEnd, presentRows } from './jpeg-tail.js'
import { repairPng } from './png-repair.js'

/** The pixels of a file, upright. */
export interface Decoded {
  raster: Raster
  /** What else can be seen, to be looked at as well: through alpha, or with more contrast. */
  further: Raster[]
  pixels: Pixels
  /** Missing or damaged data, in sentences for users. */
  warnings: string[]
}

/** A truncated image with less than this fraction present counts as defective. */
const MIN_PRESENT = 0.5

/**
 * Decodes to upright pixels. They keep their values, which their profile defines (only CMYK is
 * converted to sRGB), alpha and 16 bits; of an 8-bit image without alpha, in sRGB or near it,
 * pixels and raster are one buffer.
 * @param profile the colour profile that goes into the output with the pixels
 * @throws EngineError IMAGE_DEFECT when the image data cannot be decoded, or most of it is missing,
 * or it has too many scans
 */
export async function decode(bytes: Uint8Array, header: Header, profile?: Uint8Array): Promise<Decoded> {
  const { file, pixels, warnings } = await decodeFile(bytes, header, false)
  const exponent = profile ? 1 : displayExponent(header.carriers)
  if (exponent !== 1) return withFurther({ pixels, raster: applyExponent(pixels, exponent), warnings })
  if (!showsSrgb(pixels, header, profile))
    return withFurther({ pixels, raster: toSharedMemory(await readRaster(file, header)), warnings })
  if (pixels.channels === 4) return withFurther({ pixels, raster: withoutAlpha(pixels), warnings })
  const both = toSharedMemory(pixels)
  return { pixels: both, raster: both, further: [], warnings }
}

/**
 * Decodes to upright pixels alone, for an image that nothing is to be found in.
 * @param isSound whether an earlier decoding found nothing damaged or missing, so that no time is
 * spent on looking for it
 * @throws as {@link decode}
 */
export function decodePixels(bytes: Uint8Array, header: Header, isSound: boolean): Promise<Pick<Decoded, 'pixels' | 'warnings'>> {
  return decodeFile(bytes, header, isSound)
}

function decodeFile(bytes: Uint8Array, header: Header, isSound: boolean): Promise<DecodedFile> {
  return header.format === 'jpeg' ? decodeJpeg(bytes, header, isSound) : decodePng(bytes, header)
}

function withFurther(decoded: Omit<Decoded, 'further'>): Decoded {
  const { pixels, raster } = decoded
  return { ...decoded, further: [overContrast(pixels, raster), stretched(pixels)].filter(look => look !== undefined) }
}

/**
 * Its colours in shared memory, including those under transparent pixels, since anyone can remove
 * the alpha channel.
 */
function withoutAlpha({ width, height, data }: Raster): Raster {
  const colours = new Uint8Array(new SharedArrayBuffer(width * height * 3))
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    colours[to] = data[from]
    colours[to + 1] = data[from + 1]
    colours[to + 2] = data[from + 2]
  }
  return { width, height, data: colours }
}

/** Copies the samples to shared memory, so that another thread can read them too. */
function toSharedMemory<Image extends Raster>(image: Image): Image {
  const data = new Uint8Array(new SharedArrayBuffer(image.data.length))
  data.set(image.data)
  return { ...image, data }
}

interface DecodedFile {
  file: Uint8Array
  pixels: Pixels
  warnings: string[]
}

/**
 * libjpeg fills missing data with gray, so a damaged file is safe to decode; the gray rows show how
 * much is missing.
 */
async function decodeJpeg(file: Uint8Array, header: Header, knownSound: boolean): Promise<DecodedFile> {
  requireFewScans(file, header)
  const ended = hasEnd(file, header) ? file : Buffer.concat([file, END_MARKER])
  try {
    // The decoder works on other threads, so that checking takes no time of its own where there is
    // a core left.
    const [pixels, condition] = await Promise.all([readPixels(file, header), knownSound ? 'sound' : conditionOf(ended)])
    const isSound = condition === 'sound' || (condition === 'unknown' && (await satisfiesDecoder(ended, header)))
    if (!isSound) return { file, pixels, warnings: await warningsOfJpeg(file, header, pixels) }
    return { file, pixels, warnings: header.isArithmetic ? [UNCHECKED] : [] }
  } catch (error) {
    throw asDefect(error)
  }
}

/**
 * Warnings for a damaged JPEG.
 * @throws EngineError IMAGE_DEFECT when most of it is missing
 */
async function warningsOfJpeg(file: Uint8Array, header: Header, pixels: Pixels): Promise<string[]> {
  if (hasEnd(file, header) && (await satisfiesDecoder(file, header))) return [DAMAGED]
  const stored = header.orientation === 1 ? pixels : await readPixels(file, { ...header, orientation: 1 })
  const warnings = warningsOfMissing(presentRows(stored, header.colour) / header.height, 'gray')
  return warnings.length === 0 ? [DAMAGED] : warnings
}

async function decodePng(original: Uint8Array, header: Header): Promise<DecodedFile> {
  const file = withoutTexts(original)
  try {
    return { file, pixels: await readPixels(file, header), warnings: [] }
  } catch (error) {
    const repaired = await repairPng(file)
    if (!repaired) throw asDefect(error)
    const warnings = warningsOfMissing(repaired.present, 'black')
    if (warnings.length === 0 && !repaired.isSound) warnings.push(WRONG_CHECKSUM)
    const pixels = await readPixels(repaired.file, header).catch(again => Promise.reject(asDefect(again)))
    return { file: repaired.file, pixels, warnings }
  }
}

const DAMAGED =
  'The image data is damaged: parts of the image may be shifted, blurred or discoloured, and objects in them may be missed.'
const UNCHECKED =
  'The image data cannot be checked for damage, because it is coded arithmetically: if it is damaged, objects may be missed.'
const WRONG_CHECKSUM = 'The image data does not match its checksum: parts of the image may be wrong.'

/** @param missingColour colour of missing parts */
function warningsOfMissing(fraction: number, missingColour: string): string[] {
  const present = Math.floor(fraction * 100)
  if (fraction < MIN_PRESENT) {
    throw new EngineError('IMAGE_DEFECT', `The image data is damaged or truncated: only ${present} % of the image is present.`)
  }
  if (fraction === 1) return []
  return [`The image data is damaged or truncated: ${100 - present} % of the image is missing and was left ${missingColour}.`]
}

function asDefect(error: unknown): EngineError {
  if (error instanceof EngineError) return error
  const [reason] = (error instanceof Error ? error.message : String(error)).split('\n')
  return new EngineError('IMAGE_DEFECT', `The image data is damaged and cannot be decoded (${reason}).`, { cause: error })
}

/** 8-bit samples in sRGB or near it. */
function showsSrgb(pixels: Pixels, header: Header, profile: Uint8Array | undefined): pixels is Pixels & Raster {
  const nearSrgb = !profile || isNearSrgb(profile, header.colour)
  return nearSrgb && pixels.data instanceof Uint8Array
}

/**
 * A JPEG is decoded as far as possible, as in every viewer: strict decoding refuses photos of real
 * cameras ("Invalid SOS parameters for sequential JPEG"). A PNG must be intact: see repairPng.
 * Nothing larger than the header says is decoded.
 */
function open(file: Uint8Array, { format, orientation, width, height }: Header, ignoreIcc: boolean): Sharp {
  const image = sharp(file, { failOn: format === 'jpeg' ? 'none' : 'error', ignoreIcc, limitInputPixels: width * height })
  const { flip, flop, rotate } = UPRIGHT[orientation]
  return image.flip(flip).flop(flop).rotate(rotate)
}

/**
 * How each EXIF orientation is made upright: mirrored top to bottom or left to right, then turned
 * clockwise. (Exif 2.32, 4.6.4 A)
 */
const UPRIGHT: Record<number, { flip: boolean; flop: boolean; rotate: 0 | 90 | 180 | 270 }> = {
  1: { flip: false, flop: false, rotate: 0 },
  2: { flip: false, flop: true, rotate: 0 },
  3: { flip: true, flop: true, rotate: 0 },
  4: { flip: true, flop: false, rotate: 0 },
  5: { flip: true, flop: false, rotate: 90 },
  6: { flip: false, flop: false, rotate: 90 },
  7: { flip: false, flop: true, rotate: 90 },
  8: { flip: false, flop: false, rotate: 270 },
}

async function readPixels(file: Uint8Array, header: Header): Promise<Pixels> {
  const deep = header.bitDepth === 16
  const { data, info } = await open(file, header, header.colour !== 'cmyk')
    .toColourspace(deep ? 'rgb16' : 'srgb')
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const samples = deep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
  return { width: info.width, height: info.height, channels: info.channels as 3 | 4, data: samples }
}

/** Pixels in sRGB without alpha. */
async function readRaster(file: Uint8Array, header: Header): Promise<Raster> {
  const { data, info } = await open(file, header, false)
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}
