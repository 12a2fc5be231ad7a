import type { AreaMethod, ObjectClass, RegionClass } from '@obscura/contract/parameters'
import type { Box } from './geometry.js'
import type { Projection } from './sphere/projection.js'

/** A detected object: one detection per object, however many tiles and models found it. */
export interface Detection {
  class: ObjectClass
  /** Calibrated score 0..1: the API's default thresholds mean the same for every model. */
  score: number
  /**
   * In pixels of the upright image. In a panorama it is unwrapped: 0 <= x1 < width, and x2 exceeds
   * the width where the object crosses the seam; around a pole the box is as wide as the image.
   */
  box: Box
  /**
   * For an object in a panorama that is not an upright box of the image, because it crosses the
   * seam or is near a pole.
   */
  seen?: ViewBox
  /** What networks that give masks saw of it: together, its pixels. */
  outlines?: readonly Outline[]
}

/**
 * A mask as a network gave it: a grid of values, row by row, over a frame; between the centres of
 * cells they are interpolated, and positive on the pixels of the object.
 */
export interface Outline {
  width: number
  height: number
  values: Float32Array
  /** In px of the image or, where there is one, of the projection. */
  frame: Box
  projection?: Projection
}

/** A box in a view of a panorama in which the object is undistorted, in px of that view. */
export interface ViewBox {
  projection: Projection
  box: Box
}

/** The form of a region: a superellipse or rectangle in its box, or the outline of the object. */
export type Shape = 'superellipse' | 'rectangle' | 'outline'

/** The usual shape of each class. */
export const SHAPES: Record<ObjectClass, Shape> = {
  face: 'superellipse',
  license_plate: 'rectangle',
  person: 'outline',
  vehicle: 'outline',
}

/** Whether masks of the class count. */
export function isOutlined(name: ObjectClass): boolean {
  return SHAPES[name] === 'outline'
}

/** A detection, or an area that is anonymized anyway, and the pixels that belong to it. */
export interface Region extends Omit<Detection, 'class'> {
  class: RegionClass
  /** Of a stored region. */
  id?: number
  /** Instead of the method of the task. */
  method?: AreaMethod
  /** Ignore areas do not apply to it: somebody wants it anonymized. */
  always?: boolean
  /** Only superellipses and rectangles have a gradient. */
  shape: Shape
  mask: RegionMask
}

/**
 * The pixels of one region, run-length encoded: a few kilobytes for an object of any size. Row `y`
 * (an image row, top <= y < bottom) holds the runs `offsets[y - top]` up to `offsets[y - top + 1]`;
 * run `i` covers the image columns `runs[2 * i]` up to `runs[2 * i + 1]`, exclusive. Runs of a row
 * ascend and do not overlap; all lie inside the image. A mask without runs is empty.
 */
export interface RegionMask {
  top: number
  bottom: number
  /** bottom - top + 1 entries. */
  offsets: Uint32Array
  runs: Uint32Array
}
