import { deflateSync } from 'node:zlib'
import { type Carriers, EXIF_HEADER, ICC_HEADER, JFIF_HEADER, XMP_HEADER } from '../formats/carriers.js'
import { jpegSegments } from '../formats/jpeg.js'
import { type PngChunk, pngChunks, wholeChunk } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'
import { type Format, type Header, uprightSize } from '../image.js'
import { filterExif } from './exif.js'
import { filterProfile } from './icc.js'
import { filterXmp } from './xmp.js'

/** The metadata of an anonymized image: new blocks with allow-listed values of the source. */
export interface Metadata extends Pick<Carriers, 'xmp' | 'icc' | 'density' | 'chunks'> {
  exif: Uint8Array
  /** Warnings about metadata that could not be copied, in sentences for users. */
  warnings: string[]
}

/**
 * Reads the metadata to copy. Damaged metadata is dropped with a warning; it never makes the image
 * fail.
 */
export function readMetadata(header: Header): Metadata {
  const { exif, xmp, icc, density, chunks, warnings: found } = header.carriers
  const warnings = [...found]
  const fresh = xmp && filterXmp(xmp)
  if (fresh) warnings.push(...fresh.warnings)
  const profile = icc && filterProfile(icc, header.colour)
  // The pixels of CMYK are converted, so that its profile is not missed.
  if (icc && !profile && header.colour !== 'cmyk') {
    warnings.push('The colour profile is damaged or does not match the image and was removed.')
  }
  return {
    exif: filterExif(exif, uprightSize(header)),
    xmp: fresh?.packet,
    icc: profile,
    density,
    chunks,
    warnings,
  }
}

/** Adds the metadata to an encoded image. Only the image itself is kept of the encoded file. */
export function writeMetadata(encoded: Uint8Array, format: Format, metadata: Metadata): Uint8Array {
  return format === 'jpeg' ? writeIntoJpeg(encoded, metadata) : writeIntoPng(encoded, metadata)
}

const MAX_SEGMENT_LENGTH = 65_533
const APP0 = 0xe0
const APP1 = 0xe1
const APP2 = 0xe2

/** Replaces application segments written by the encoder. */
function writeIntoJpeg(encoded: Uint8Array, { exif, xmp, icc, density = NO_DENSITY }: Metadata): Uint8Array {
  const blocks = [segment(APP0, JFIF_HEADER, jfifFields(density)), segment(APP1, EXIF_HEADER, exif)]
  if (xmp) blocks.push(segment(APP1, XMP_HEADER, xmp))
  if (icc) blocks.push(...profileSegments(icc))
  const image = [...jpegSegments(encoded)].find(({ marker }) => !isApplication(marker))!
  return Buffer.concat([encoded.subarray(0, 2), ...blocks, encoded.subarray(image.start)])
}

/** Unit (none: an aspect ratio), x and y density. */
const NO_DENSITY = Uint8Array.of(0, 0, 1, 0, 1)

/** Version 1.02, density, no thumbnail. (JFIF 1.02, page 5) */
function jfifFields(density: Uint8Array): Uint8Array {
  return Uint8Array.of(1, 2, ...density, 0, 0)
}

function isApplication(marker: number): boolean {
  return marker >= APP0 && marker <= APP0 + 15
}

function segment(marker: number, header: string, data: Uint8Array): Uint8Array {
  const length = 2 + header.length + data.length
  return Buffer.concat([Uint8Array.of(0xff, marker, length >> 8, length & 0xff), Buffer.from(header, 'latin1'), data])
}

/** A profile longer than a segment is cut into numbered parts, counted from 1. (ICC.1:2022, B.4) */
function profileSegments(icc: Uint8Array): Uint8Array[] {
  const room = MAX_SEGMENT_LENGTH - ICC_HEADER.length - 2
  const count = Math.ceil(icc.length / room)
  return Array.from({ length: count }, (_, i) =>
    segment(APP2, ICC_HEADER + String.fromCharCode(i + 1, count), icc.subarray(i * room, (i + 1) * room)),
  )
}

const IMAGE_CHUNKS = ['IDAT', 'IEND']

/**
 * The chunks of the encoded image keep their checksums: that of the image data would take a tenth
 * of the encoding's time.
 */
function writeIntoPng(encoded: Uint8Array, { exif, xmp, icc, chunks = [] }: Metadata): Uint8Array {
  const [header, ...others] = pngChunks(encoded)
  const blocks: PngChunk[] = [...chunks]
  if (icc) blocks.push({ type: 'iCCP', data: Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)]) })
  blocks.push({ type: 'eXIf', data: exif })
  // Uncompressed, no language, no translated keyword.
  if (xmp) blocks.push({ type: 'iTXt', data: Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), xmp]) })
  const image = others.filter(({ type }) => IMAGE_CHUNKS.includes(type))
  return Buffer.concat([writePng([header, ...blocks]), ...image.map(chunk => wholeChunk(encoded, chunk))])
}
