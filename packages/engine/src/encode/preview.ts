import sharp from 'sharp'
import type { Header, Pixels } from '../image.js'
import { filterExif } from '../metadata/exif.js'
import { type Metadata, writeMetadata } from '../metadata/metadata.js'

/** Longer side of a preview in pixels: twice that of a card of the web page. */
const MAX_SIDE = 480
const QUALITY = 70
/** A longer profile would outweigh the image. */
const MAX_PROFILE_BYTES = 16_384

/**
 * A small JPEG of the rendered image, never enlarged, on white where the image is transparent. Of
 * the source's metadata it has the colour profile alone.
 */
export async function encodePreview(
  { width, height, channels, data }: Pixels,
  source: Pick<Header, 'colour'>,
  { icc }: Pick<Metadata, 'icc'>,
): Promise<Uint8Array> {
  const { data: encoded, info } = await sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
    .toColourspace('srgb')
    .flatten({ background: 'white' })
    .resize(MAX_SIDE, MAX_SIDE, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: QUALITY })
    .toBuffer({ resolveWithObject: true })
  // The preview of a gray image has three colours, which its profile does not describe.
  const hasProfile = icc !== undefined && source.colour !== 'gray' && icc.length <= MAX_PROFILE_BYTES
  return writeMetadata(encoded, 'jpeg', { exif: filterExif(undefined, info), icc: hasProfile ? icc : undefined, warnings: [] })
}
