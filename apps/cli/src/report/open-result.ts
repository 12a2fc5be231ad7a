import { readFile } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import { onDisk } from '../file-names.js'

/**
 * Who can write to the folder of results may put another file in the place of one, and it is read
 * in this process: only by the two decoders that results need, none of the others.
 */
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng'] })

/** The largest image that --max-megapixels allows: above the limit of sharp. */
const MAX_PIXELS = 2e9

/** Opens a result to be decoded. The promises of what is returned fail unless it is JPEG or PNG. */
export async function openResult(result: string): Promise<Sharp> {
  const name = onDisk(result)
  return sharp(typeof name === 'string' ? name : await readFile(name), { limitInputPixels: MAX_PIXELS })
}
