import type { RegionMask } from '../detection.js'
import type { Box, Size } from '../geometry.js'
import { maskOfRows } from './runs.js'

/**
 * Exponent of the superellipse that covers a face: it takes 93 % of the box and covers nearly as
 * many faces as all of it.
 */
export const FACE_EXPONENT = 4

/**
 * How far a point is from the centre of a face's superellipse, 1 on its edge; the point is given
 * from the centre, in half sides.
 */
export function faceRadius(horizontal: number, vertical: number): number {
  const [u, v] = [horizontal * horizontal, vertical * vertical]
  return Math.sqrt(Math.sqrt(u * u + v * v))
}

/** A box enlarged to whole pixels: every pixel that it touches. */
export function roundOut(box: Box): Box {
  return [Math.floor(box[0]), Math.floor(box[1]), Math.ceil(box[2]), Math.ceil(box[3])]
}

/** All pixels that a box touches. */
export function rectangle(box: Box, size: Size): RegionMask {
  const [x1, y1, x2, y2] = roundOut(box)
  return maskOfRows(y1, y2, size, () => [[x1, x2]])
}

/**
 * The pixels whose centres lie in the superellipse |x|^n + |y|^n <= 1 inscribed in a box; n = 2 is
 * an ellipse, a larger n fills the corners. Where there are none, the pixels that the box
 * touches: an object is never left without a region.
 */
export function superellipse(box: Box, exponent: number, size: Size): RegionMask {
  const [x1, y1, x2, y2] = box
  const centreX = (x1 + x2) / 2
  const centreY = (y1 + y2) / 2
  const mask = maskOfRows(Math.floor(y1), Math.ceil(y2), size, y => {
    const vertical = Math.abs((y + 0.5 - centreY) / ((y2 - y1) / 2))
    if (!(vertical <= 1)) return []
    const half = ((x2 - x1) / 2) * (1 - vertical ** exponent) ** (1 / exponent)
    return [[Math.ceil(centreX - half - 0.5), Math.floor(centreX + half - 0.5) + 1]]
  })
  return mask.runs.length > 0 ? mask : rectangle(box, size)
}
