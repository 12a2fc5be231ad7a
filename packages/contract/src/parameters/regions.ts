/**
 * Regions as they are stored: all that rendering an image again needs to know of its detections.
 */
import type { AreaMethod } from './areas.js'
import { CLASSES, type ObjectClass } from './parameters.js'
import type { Box, Point, RowMask } from './shapes.js'

/** The classes of objects, and `area` for anything else that is anonymized. */
export const REGION_CLASSES = [...CLASSES, 'area'] as const
export type RegionClass = ObjectClass | 'area'

/** Where a camera at the centre of a panorama looks; see the engine's `Camera`. */
export interface StoredCamera {
  yaw: number
  pitch: number
  focal: number
  centre: Point
}

/** A box in a view of a panorama: by a camera, or by the column at which the image is cut open. */
export type StoredView = { box: Box } & ({ camera: StoredCamera } | { left: number })

/** A region in the file of regions. */
export interface StoredRegion {
  /** Unique in its task and never used again. */
  id: number
  class: RegionClass
  /** 0..1; of what a user has drawn 1. */
  score: number
  /** In pixels of the upright image. */
  box: Box
  source: 'detector' | 'user'
  /** Instead of the method of the task. */
  method?: AreaMethod
  shape: 'superellipse' | 'rectangle' | 'outline'
  /** The pixels, before ignore areas are cut out; of what a user has drawn, only for a mask. */
  mask?: RowMask
  /** Of what a user has drawn as a polygon. */
  polygon?: readonly Point[]
  view?: StoredView
}
