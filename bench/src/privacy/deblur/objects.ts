/** Labelled faces and plates, cut out of their photos with their surroundings. */
import { join } from 'node:path'
import type { Box, ObjectClass, Pixels } from '@obscura/engine'
import sharp from 'sharp'
import { readLabels } from '../../accuracy/labels.js'

/** An object cut from a photo. */
export interface Sample {
  /** The object and once its size around it, as far as the photo goes. */
  pixels: Pixels
  /** The object in these pixels. */
  box: Box
}

/**
 * At most `limit` objects of a class, spread evenly over the photos, whose longer side has at least
 * `smallest` px; larger ones than `largest` are reduced to it.
 */
export async function readSamples(
  folder: string,
  name: ObjectClass,
  { smallest, largest, limit }: { smallest: number; largest: number; limit: number },
): Promise<Sample[]> {
  const found = (await readLabels(folder)).flatMap(({ image, objects, ...size }) =>
    objects
      .filter(({ type, ignore, bbox }) => type === name && !ignore && longerSide(bbox) >= smallest)
      .map(({ bbox }) => ({ image, size, bbox })),
  )
  const step = Math.max(1, found.length / limit)
  const chosen = Array.from({ length: Math.min(limit, found.length) }, (_, i) => found[Math.floor(i * step)])
  return Promise.all(chosen.map(({ image, size, bbox }) => cutOut(join(folder, image), size, bbox, largest)))
}

async function cutOut(
  file: string,
  size: { width: number; height: number },
  [x1, y1, x2, y2]: Box,
  largest: number,
): Promise<Sample> {
  const left = Math.max(0, Math.floor(2 * x1 - x2))
  const top = Math.max(0, Math.floor(2 * y1 - y2))
  const right = Math.min(size.width, Math.ceil(2 * x2 - x1))
  const bottom = Math.min(size.height, Math.ceil(2 * y2 - y1))
  const scale = Math.min(1, largest / longerSide([x1, y1, x2, y2]))
  const { data, info } = await sharp(file)
    .extract({ left, top, width: right - left, height: bottom - top })
    .resize(Math.round((right - left) * scale), Math.round((bottom - top) * scale), { fit: 'fill' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return {
    pixels: { width: info.width, height: info.height, channels: 3, data: new Uint8Array(data) },
    box: [(x1 - left) * scale, (y1 - top) * scale, (x2 - left) * scale, (y2 - top) * scale],
  }
}

function longerSide([x1, y1, x2, y2]: Box): number {
  return Math.max(x2 - x1, y2 - y1)
}
