import type { Detection, Region, RegionMask } from '../detection.js'
import type { Raster } from '../image.js'
import type { IgnoreArea, ObjectClass } from '../parameters.js'
import type { MaskNet } from './masknet.js'
import { withoutAreas } from './runs.js'
import { rectangle, superellipse } from './shape.js'

export interface SegmentOptions {
  /** Rectangles instead of outlines. */
  bbox: boolean
  /** Areas that are cut out of every region. */
  ignores: readonly IgnoreArea[]
  /** Outlines persons and vehicles; without it they get a superellipse. */
  maskNet?: MaskNet
}

/** Superellipses of this exponent cover about 95 % of a person's or vehicle's pixels (measured on COCO outlines). */
const BODY_EXPONENT = 3

const SHAPES: Record<ObjectClass, Region['shape']> = {
  face: 'ellipse',
  license_plate: 'rectangle',
  person: 'outline',
  vehicle: 'outline',
}

/**
 * Gives each detection the pixels that belong to it, in the same order: faces an ellipse in their box, plates their box, persons and vehicles
 * their outline. Ignored pixels belong to no region: a region whose mask is empty is not anonymized.
 */
export async function segment(raster: Raster, detections: readonly Detection[], options: SegmentOptions): Promise<Region[]> {
  const outlined = options.bbox ? [] : detections.filter(detection => SHAPES[detection.class] === 'outline')
  const outlines = new Map(await outline(raster, outlined, options.maskNet))
  return detections.map(detection => {
    const shape = options.bbox ? 'rectangle' : SHAPES[detection.class]
    const mask =
      outlines.get(detection) ?? (shape === 'ellipse' ? superellipse(detection.box, 2, raster) : rectangle(detection.box, raster))
    return { ...detection, shape, mask: withoutAreas(mask, options.ignores, raster) }
  })
}

/** Outlines by the network where it is of use, superellipses for the rest. */
async function outline(
  raster: Raster,
  detections: Detection[],
  maskNet: MaskNet | undefined,
): Promise<[Detection, RegionMask][]> {
  const masks = await maskNet?.(raster, detections)
  return detections.map((detection, i) => [detection, masks?.[i] ?? superellipse(detection.box, BODY_EXPONENT, raster)])
}
