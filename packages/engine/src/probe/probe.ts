import { EngineError } from '../errors.js'
import type { Size } from '../geometry.js'
import type { Header } from '../image.js'
import { readOrientation } from '../metadata/orientation.js'
import type { Grid } from '../parameters.js'
import { jpegSegments } from './jpeg-segments.js'
import { PNG_SIGNATURE, pngChunks } from './png-chunks.js'
import { PANORAMA_PRESETS } from './presets.js'

export interface ProbeOptions {
  /** The most pixels (width x height) an image may have. */
  maximumPixels: number
  /** The task's `format`: a panorama preset demands its size. */
  format: string | Grid
}

/**
 * Reads what the header says, from the bytes alone and without decoding.
 * @throws EngineError CONTENT_TYPE_ERROR when it is neither JPEG nor PNG; IMAGE_DEFECT when the header is broken or the image too large;
 * PARAMETER_ERROR_FORMAT when the upright size is not the preset's
 */
export function probe(bytes: Uint8Array, options: ProbeOptions): Header {
  if (bytes.length === 0) throw new EngineError('IMAGE_DEFECT', 'The file is empty.')
  const header = readHeader(bytes)
  if (!header || header.width === 0 || header.height === 0) {
    throw new EngineError(
      'IMAGE_DEFECT',
      'The file breaks off or is damaged in its header: it does not say how large the image is.',
    )
  }
  const pixels = header.width * header.height
  if (pixels > options.maximumPixels) {
    throw new EngineError(
      'IMAGE_DEFECT',
      `The image has ${header.width} x ${header.height} pixels (${megapixels(pixels)}), more than the ${megapixels(options.maximumPixels)} accepted.`,
    )
  }
  checkPreset(uprightSize(header), options.format)
  return header
}

/** Size in pixels once the orientation is applied. */
export function uprightSize({ width, height, orientation }: Header): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height }
}

function megapixels(pixels: number): string {
  return `${(pixels / 1e6).toFixed(1)} megapixels`
}

function readHeader(bytes: Uint8Array): Header | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return readJpegHeader(bytes)
  if (PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return readPngHeader(bytes)
  throw new EngineError('CONTENT_TYPE_ERROR', 'The file is neither a JPEG nor a PNG image.')
}

/** Start of frame: precision, height, width, number of components, then id, sampling and table of each. (ITU-T T.81, B.2.2) */
function readJpegHeader(bytes: Uint8Array): Header | undefined {
  for (const { marker, data } of jpegSegments(bytes)) {
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (!isFrame) continue
    const colour = ({ 1: 'gray', 3: 'rgb', 4: 'cmyk' } as const)[data[5]]
    if (!colour || data.length < 6 + 3 * data[5]) return undefined
    const samplings = Array.from({ length: data[5] }, (_, i) => data[7 + 3 * i])
    return {
      format: 'jpeg',
      height: data[1] * 256 + data[2],
      width: data[3] * 256 + data[4],
      orientation: readOrientation(bytes, 'jpeg'),
      colour,
      bitDepth: 8,
      fullChroma: samplings.every(sampling => sampling === samplings[0]),
    }
  }
  return undefined
}

/** IHDR: width, height, bit depth, colour type (bit 1: colour). Of an animation only the default image counts. (PNG specification, 11.2.1) */
function readPngHeader(bytes: Uint8Array): Header | undefined {
  const first = pngChunks(bytes).next().value
  if (first?.type !== 'IHDR' || first.data.length < 13) return undefined
  const view = new DataView(first.data.buffer, first.data.byteOffset)
  return {
    format: 'png',
    width: view.getUint32(0),
    height: view.getUint32(4),
    orientation: readOrientation(bytes, 'png'),
    colour: first.data[9] & 2 ? 'rgb' : 'gray',
    bitDepth: first.data[8] === 16 ? 16 : 8,
    fullChroma: false,
  }
}

function checkPreset(size: Size, format: string | Grid): void {
  if (typeof format !== 'string' || format === 'whole') return
  const preset = PANORAMA_PRESETS[format]
  if (!preset) throw new EngineError('PARAMETER_ERROR_FORMAT', `There is no format "${format}".`)
  if (size.width !== preset.width || size.height !== preset.height) {
    throw new EngineError(
      'PARAMETER_ERROR_FORMAT',
      `Format "${format}" is for images of ${preset.width} x ${preset.height} pixels; this one has ${size.width} x ${size.height}.`,
    )
  }
}
