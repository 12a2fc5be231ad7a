/** Segmentation masks: which pixels were anonymized, of which object and class. */

import type { RegionClass } from '@obscura/contract/parameters'
import sharp from 'sharp'
import type { Region } from '../detection.js'
import type { Size } from '../geometry.js'
import { runsOfRow } from '../segment/runs.js'

/** Colour layouts of the instance mask, named after the vendor's releases. */
export type MaskLayout = 'v26.02.1' | 'pre-v26.02.1' | 'oldest'

/** How masks are written. */
export interface MaskOptions {
  /** Size in percent of the image. */
  scale: number
  /** Default: the newest. */
  layout?: MaskLayout
}

const BITS: Record<RegionClass, number> = { person: 128, license_plate: 64, face: 32, vehicle: 16, area: 8 }
const CODES: Record<RegionClass, number> = { license_plate: 64, person: 128, face: 192, vehicle: 255, area: 32 }

/**
 * Green encodes the instance; red or blue (factor 1) the class: as bits that are combined where
 * classes overlap, or as the code of the topmost.
 */
const LAYOUTS: Record<MaskLayout, { red: 0 | 1; blue: 0 | 1; classes: Record<RegionClass, number>; addUp: boolean }> = {
  'v26.02.1': { red: 0, blue: 1, classes: BITS, addUp: true },
  'pre-v26.02.1': { red: 0, blue: 1, classes: CODES, addUp: false },
  oldest: { red: 1, blue: 0, classes: CODES, addUp: false },
}

/**
 * PNG (gray, 8 bit), white where an image of this size is anonymized, black elsewhere.
 * @param scale size in percent of the image, by nearest neighbour, at least 1 px.
 */
export async function binaryMask(size: Size, regions: readonly Region[], scale: number): Promise<Uint8Array> {
  const mask = scaled(size, scale)
  const plane = new Uint8Array(mask.width * mask.height)
  for (const region of regions) forEachRun(region, size, mask, (start, end) => plane.fill(255, start, end))
  return sharp(plane, rawPlane(mask)).toColourspace('b-w').png(COMPRESSION).toBuffer()
}

/**
 * PNG (RGB, 8 bit) whose colours encode instance and class of each anonymized pixel; where objects
 * overlap the instance of the highest score.
 */
export async function instanceMask(size: Size, regions: readonly Region[], options: MaskOptions): Promise<Uint8Array> {
  const { red, blue, classes: values, addUp } = LAYOUTS[options.layout ?? 'v26.02.1']
  const mask = scaled(size, options.scale)
  const instances = new Uint8Array(mask.width * mask.height)
  const classes = new Uint8Array(mask.width * mask.height)
  const anonymized = regions.filter(region => region.mask.runs.length > 0)
  const numbered = anonymized.map((region, i) => ({ region, instance: instanceValue(i, anonymized.length) }))
  for (const { region, instance } of numbered.sort((a, b) => a.region.score - b.region.score)) {
    const value = values[region.class]
    forEachRun(region, size, mask, (start, end) => {
      instances.fill(instance, start, end)
      if (addUp) for (let i = start; i < end; i++) classes[i] |= value
      else classes.fill(value, start, end)
    })
  }
  // One plane a channel, joined as the encoder reads them: three bytes a pixel are never held at
  // once.
  const channels = [instances, classes].map(plane => Buffer.from(plane.buffer))
  return sharp(classes, rawPlane(mask))
    .joinChannel(channels, rawPlane(mask))
    .linear([red, 1, blue], [0, 0, 0])
    .toColourspace('srgb')
    .png(COMPRESSION)
    .toBuffer()
}

/** The best level for masks: higher ones take longer and save almost nothing. */
const COMPRESSION = { compressionLevel: 3 }

function scaled({ width, height }: Size, percent: number): Size {
  const side = (length: number) => Math.max(1, Math.round((length * percent) / 100))
  return { width: side(width), height: side(height) }
}

function rawPlane({ width, height }: Size) {
  return { raw: { width, height, channels: 1 as const }, limitInputPixels: false }
}

/** The i-th of `count` distinct values 1..255, spread evenly; beyond 255 instances they repeat. */
function instanceValue(i: number, count: number): number {
  return count <= 255 ? Math.round(((i + 1) * 255) / count) : (i % 255) + 1
}

/**
 * Calls `draw` with the first and last (exclusive) index in the mask of each run of a region, by
 * nearest neighbour.
 */
function forEachRun({ mask: pixels }: Region, size: Size, mask: Size, draw: (start: number, end: number) => void): void {
  const columnOf = (x: number) => firstBehind(x, size.width, mask.width)
  const bottom = firstBehind(pixels.bottom, size.height, mask.height)
  for (let y = firstBehind(pixels.top, size.height, mask.height); y < bottom; y++) {
    for (const [start, end] of runsOfRow(pixels, Math.floor(((y + 0.5) * size.height) / mask.height))) {
      draw(y * mask.width + columnOf(start), y * mask.width + columnOf(end))
    }
  }
}

/**
 * On a side of `length` px reduced to `reduced` px: the first of these whose centre lies at or
 * behind `position`.
 */
function firstBehind(position: number, length: number, reduced: number): number {
  return Math.ceil((position * reduced) / length - 0.5)
}
