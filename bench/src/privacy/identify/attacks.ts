/** What an attacker makes of a published face, and of the photos that he compares it with. */
import type { Box, Pixels } from '@obscura/engine'
import sharp from 'sharp'
import { deconvolved } from '../deblur/deconvolve.js'
import type { Sample } from '../deblur/objects.js'
import { anonymized, type Published, type Treatment } from '../deblur/treatment.js'
import { type Crop, cropOf } from './crop.js'
import type { Feature } from './ranks.js'
import type { Embed } from './recogniser.js'

/** A way of finding who a published face is. */
export interface Attack {
  name: string
  /** What is compared of a published face. */
  probe(published: Published, box: Box): Promise<Feature>
  /** What is compared of a candidate's photo. */
  candidate(photo: Sample, treatment: Treatment): Promise<Feature>
}

/**
 * Power of noise to signal that the deconvolution reckons with: of those that `undo` tries one in
 * the middle, since an attacker does not know the best.
 */
const NOISE = 1e-3

/**
 * Renditions of a candidate that are averaged: their noise is the attacker's own and no use to him.
 */
const RENDITIONS = 8

/** Side in px of the images that are compared pixel by pixel: several pixels for each cell. */
const SIDE = 24

/** The attacks by a recogniser's features. */
export function attacksWith(embed: Embed): Attack[] {
  // The same pixels serve several attacks, and the network is slow.
  const known = new WeakMap<Pixels, Promise<Feature>>()
  const seen = ({ pixels }: { pixels: Pixels }, box: Box) => {
    const feature = known.get(pixels) ?? cropOf(pixels, box).then(embed)
    known.set(pixels, feature)
    return feature
  }
  return [
    {
      name: 'recogniser on the published face',
      probe: seen,
      candidate: photo => seen(photo, photo.box),
    },
    {
      name: 'recogniser on the deconvolved face',
      probe: (published, box) => seen({ pixels: deconvolved(published, NOISE) }, box),
      candidate: photo => seen(photo, photo.box),
    },
    {
      name: 'recogniser, candidates anonymized alike',
      probe: seen,
      candidate: async (photo, treatment) => seen(await anonymized(photo, 'face', treatment, false), photo.box),
    },
    {
      name: 'pixel by pixel, candidates anonymized alike',
      probe: async ({ pixels }, box) => thumbnail(await cropOf(pixels, box)),
      async candidate(photo, treatment) {
        const thumbnails: Feature[] = []
        for (let i = 0; i < RENDITIONS; i++) {
          const { pixels } = await anonymized(photo, 'face', treatment, false)
          thumbnails.push(await thumbnail(await cropOf(pixels, photo.box)))
        }
        return thumbnails[0].map((_, i) => thumbnails.reduce((sum, values) => sum + values[i], 0) / RENDITIONS)
      },
    },
  ]
}

/** A reduced image, free of its brightness and contrast: distances then tell the correlation. */
async function thumbnail({ width, height, data }: Crop): Promise<Feature> {
  const reduced = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(SIDE, SIDE, { fit: 'fill' })
    .raw()
    .toBuffer()
  const values = Float32Array.from(reduced)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return values.map(value => (value - mean) / Math.max(deviation, 1e-3))
}
