import { type Grid, isPanoramaPreset, PANORAMA_PRESETS } from '@obscura/contract/parameters'
import { EngineError } from '../errors.js'
import { FormatError, readImageFile } from '../formats/image-file.js'
import type { Size } from '../geometry.js'
import { type Header, uprightSize } from '../image.js'
import { orientationOf } from '../metadata/orientation.js'

/** What an image must satisfy. */
export interface ProbeOptions {
  /** The most pixels (width x height) an image may have. */
  maximumPixels: number
  /** The task's `format`: a panorama preset demands its size. */
  format: string | Grid
}

/** Pixels of the longest side that the frame header of a JPEG can tell. (ITU-T T.81, B.2.2) */
const MAX_SIDE = 65_535

/**
 * Reads the header of a file without decoding.
 * @throws EngineError CONTENT_TYPE_ERROR when it is neither JPEG nor PNG; IMAGE_DEFECT when the
 * header is broken or the image too large; PARAMETER_ERROR_FORMAT when the upright size is not the
 * preset's
 */
export function probe(bytes: Uint8Array, options: ProbeOptions): Header {
  if (bytes.length === 0) throw new EngineError('IMAGE_DEFECT', 'The file is empty.')
  const header = readHeader(bytes)
  if (!header || header.width === 0 || header.height === 0) {
    throw new EngineError('IMAGE_DEFECT', 'The file is truncated or its header is damaged: the size of the image is missing.')
  }
  if (Math.max(header.width, header.height) > MAX_SIDE) {
    throw new EngineError(
      'IMAGE_DEFECT',
      `The image has ${header.width} x ${header.height} pixels; each side must be at most ${MAX_SIDE} pixels, the limit of JPEG.`,
    )
  }
  const pixels = header.width * header.height
  if (pixels > options.maximumPixels) {
    throw new EngineError(
      'IMAGE_DEFECT',
      `The image has ${header.width} x ${header.height} pixels (${megapixels(pixels)}), more than the limit of ${megapixels(options.maximumPixels)}.`,
      { limit: 'pixels' },
    )
  }
  checkPreset(uprightSize(header), options.format)
  return header
}

function megapixels(pixels: number): string {
  return `${(pixels / 1e6).toFixed(1)} megapixels`
}

function readHeader(bytes: Uint8Array): Header | undefined {
  try {
    const file = readImageFile(bytes)
    return file && { ...file.frame, orientation: orientationOf(file.carriers.exif), carriers: file.carriers }
  } catch (error) {
    if (error instanceof FormatError) throw new EngineError('CONTENT_TYPE_ERROR', error.message)
    throw error
  }
}

function checkPreset(size: Size, format: string | Grid): void {
  if (typeof format !== 'string' || format === 'whole') return
  if (!isPanoramaPreset(format)) throw new EngineError('PARAMETER_ERROR_FORMAT', `Unknown format "${format}".`)
  const [width, height] = PANORAMA_PRESETS[format]
  if (size.width !== width || size.height !== height) {
    throw new EngineError(
      'PARAMETER_ERROR_FORMAT',
      `Format "${format}" is for images of ${width} x ${height} pixels; this one has ${size.width} x ${size.height}: use "${formatFor(size)}".`,
    )
  }
}

/** The format for an image of this size: that of panoramas like it, or the one for all images. */
function formatFor({ width, height }: Size): string {
  const fitting = Object.entries(PANORAMA_PRESETS).find(([, [across, down]]) => across === width && down === height)
  return fitting?.[0] ?? 'whole'
}
