import type { Detection, RegionMask } from '../detection.js'
import type { Raster } from '../image.js'

/** Outlines the object of each detection; undefined where a plain shape serves better. */
export type MaskNet = (raster: Raster, detections: readonly Detection[]) => Promise<(RegionMask | undefined)[]>
