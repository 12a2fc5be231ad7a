/** Faces with names: several photos of each person. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Box } from '@obscura/engine'
import sharp from 'sharp'
import type { Sample } from '../deblur/objects.js'

/**
 * What the engine takes for the face's box in an aligned image, in fractions of its side: median
 * over the 55 images of dlib's examples, the growth by which a labelled box is smaller taken off.
 */
const FACE = { left: 0.05, top: 0, right: 0.95, bottom: 0.98 }

/** The fraction of the side by which an image's border is repeated around it. */
const MARGIN = 0.3

/** A face and whose it is. */
export interface NamedFace {
  person: string
  sample: Sample
}

/**
 * Reads a folder with a folder for each person, photos aligned as dlib does (`get_face_chip`,
 * padding 0.25): dlib's examples/johns is one.
 */
export async function readPeople(folder: string): Promise<NamedFace[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(entry =>
    /\.(jpe?g|png)$/i.test(entry.name),
  )
  return Promise.all(
    files.map(async ({ parentPath, name }) => ({
      person: parentPath,
      sample: await readAligned(join(parentPath, name)),
    })),
  )
}

async function readAligned(file: string): Promise<Sample> {
  const { width: side } = await sharp(file).metadata()
  const margin = Math.round(side * MARGIN)
  const extent = { top: margin, bottom: margin, left: margin, right: margin }
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .extend({ ...extent, extendWith: 'copy' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = (fraction: number) => margin + fraction * side
  const box: Box = [at(FACE.left), at(FACE.top), at(FACE.right), at(FACE.bottom)]
  return { pixels: { width: info.width, height: info.height, channels: 3, data: new Uint8Array(data) }, box }
}
