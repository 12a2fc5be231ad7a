import type { Raster } from '@obscura/engine'
import sharp from 'sharp'

/** The upright photo in sRGB. */
export async function decode(file: string): Promise<Raster> {
  const { data, info } = await sharp(file, { failOn: 'none' })
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}
