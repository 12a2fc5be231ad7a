import type { Frame, ImageFile } from '../image.js'
import { addExif, type Carriers, EXIF_HEADER, ICC_HEADER, JFIF_HEADER, XMP_HEADER } from './carriers.js'
import { type JpegSegment, jpegSegments, START_OF_SCAN, startsWith } from './jpeg.js'

const APP0 = 0xe0
const APP1 = 0xe1
const APP2 = 0xe2

/**
 * Start of frame: 0xC0 to 0xCF but for Huffman tables, a reserved one, and arithmetic conditioning.
 */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** The first start of frame (SOF) of arithmetic coding. (ITU-T T.81, table B.1) */
const ARITHMETIC = 0xc9

/** Reads the segments before the first scan of a JPEG; undefined without a known frame. */
export function readJpegFile(file: Uint8Array): ImageFile | undefined {
  let frame: Frame | undefined
  let isArithmetic: boolean | undefined
  let scanStart: number | undefined
  const carriers: Carriers = { warnings: new Set() }
  const profile: Uint8Array[] = []
  for (const segment of jpegSegments(file)) {
    if (isFrame(segment.marker)) {
      isArithmetic ??= segment.marker >= ARITHMETIC
      frame ??= frameOf(segment)
    } else if (segment.marker === START_OF_SCAN) scanStart = segment.end
    else addCarrier(segment, carriers, profile)
  }
  if (profile.length > 0) carriers.icc = Buffer.concat(Object.values(profile))
  return frame && { frame: { ...frame, isArithmetic, scanStart }, carriers }
}

/** The first XMP packet counts, as in every viewer; further ones are ignored. */
function addCarrier({ marker, data }: JpegSegment, carriers: Carriers, profile: Uint8Array[]): void {
  if (marker === APP0 && startsWith(data, JFIF_HEADER) && data.length >= 12) carriers.density ??= data.subarray(7, 12)
  if (marker === APP1 && startsWith(data, EXIF_HEADER)) addExif(carriers, data.subarray(EXIF_HEADER.length))
  if (marker === APP1 && startsWith(data, XMP_HEADER)) carriers.xmp ??= data.subarray(XMP_HEADER.length)
  if (marker === APP2 && startsWith(data, ICC_HEADER)) profile[data[ICC_HEADER.length]] ??= data.subarray(ICC_HEADER.length + 2)
}

/**
 * Precision, height, width, number of components, then id, sampling and table of each. (ITU-T T.81,
 * B.2.2)
 */
function frameOf({ data }: JpegSegment): Frame | undefined {
  const colour = ({ 1: 'gray', 3: 'rgb', 4: 'cmyk' } as const)[data[5]]
  if (!colour || data.length < 6 + 3 * data[5]) return undefined
  const samplings = Array.from({ length: data[5] }, (_, i) => data[7 + 3 * i])
  return {
    format: 'jpeg',
    height: data[1] * 256 + data[2],
    width: data[3] * 256 + data[4],
    colour,
    bitDepth: 8,
    fullChroma: samplings.every(sampling => sampling === samplings[0]),
  }
}
