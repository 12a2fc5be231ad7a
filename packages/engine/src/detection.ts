import type { Box } from './geometry.js'
import type { ObjectClass } from './parameters.js'

/** One object that was found: one detection an object, whatever number of tiles and models saw it. */
export interface Detection {
  class: ObjectClass
  /** Calibrated score 0..1: the API's default thresholds mean the same for every model. */
  score: number
  /** In pixels of the upright image. */
  box: Box
}

/** A detection and the pixels that belong to it. */
export interface Region extends Detection {
  mask: RegionMask
}

/**
 * The pixels of one region: `data` holds 0 (outside) .. 255 (inside) for each pixel of the rectangle that starts at (left, top), row by row.
 * The rectangle lies inside the image.
 */
export interface RegionMask {
  left: number
  top: number
  width: number
  height: number
  data: Uint8Array
}
