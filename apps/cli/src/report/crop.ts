import { openResult } from './open-result.js'
import type { Shown } from './totals.js'

/** Longer side of a crop in pixels. */
const CROP_PIXELS = 180

/** What is shown around a box, as a part of its longer side. */
const SURROUNDINGS = 0.6

/** A crop, and where in it the box is, in percent of its size. */
export interface Crop {
  jpeg: Buffer
  left: number
  top: number
  width: number
  height: number
}

/**
 * Cuts a detection with its surroundings from the result: from the anonymized file, never from the
 * original. Undefined when that file cannot be read any more.
 */
export async function cropOf({ result, box: [x1, y1, x2, y2] }: Shown): Promise<Crop | undefined> {
  try {
    const image = await openResult(result)
    const { width, height } = await image.metadata()
    const around = Math.round(SURROUNDINGS * Math.max(x2 - x1, y2 - y1))
    // In a panorama a box may go on at the left border: shown is what is left of the right one.
    const left = clamp(x1 - around, width - 1)
    const top = clamp(y1 - around, height - 1)
    const region = { left, top, width: clamp(x2 + around, width) - left, height: clamp(y2 + around, height) - top }
    const jpeg = await image
      .extract(region)
      .resize(CROP_PIXELS, CROP_PIXELS, { fit: 'inside' })
      .flatten()
      .jpeg({ quality: 75 })
      .toBuffer()
    const percent = (value: number, whole: number) => Math.round((1000 * value) / whole) / 10
    return {
      jpeg,
      left: percent(clamp(x1, width) - left, region.width),
      top: percent(clamp(y1, height) - top, region.height),
      width: percent(clamp(x2, width) - clamp(x1, width), region.width),
      height: percent(clamp(y2, height) - clamp(y1, height), region.height),
    }
  } catch {
    return undefined
  }
}

function clamp(value: number, maximum: number): number {
  return Math.min(Math.max(value, 0), maximum)
}
