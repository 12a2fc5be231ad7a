import type { IgnoreArea } from '@obscura/contract/parameters'
import { type Detection, type Region, SHAPES, type Shape } from '../detection.js'
import { area } from '../geometry.js'
import type { Raster } from '../image.js'
import type { MaskNet } from './masknet.js'
import { closeUp } from './on-sphere.js'
import { maskOfOutlines } from './outlines.js'
import { withoutAreas } from './runs.js'
import { FACE_EXPONENT, rectangle, superellipse } from './shape.js'

/** Options of segmentation. */
export interface SegmentOptions {
  /** Rectangles instead of outlines. */
  bbox: boolean
  /** Areas that are cut out of every region. */
  ignores: readonly IgnoreArea[]
  /** Outlines persons and vehicles that came without a mask; without it they get a superellipse. */
  maskNet?: MaskNet
}

/**
 * A face whose box has a smaller sqrt(area), px, gets its rectangle: corners cost nothing there,
 * and pixels at the rim are much of the face.
 */
const MIN_ROUND_FACE = 24

/**
 * Where the network draws no outline: a superellipse of this exponent covers 95 % of a person's or
 * vehicle's pixels (mean over COCO outlines).
 */
const BODY_EXPONENT = 3

/**
 * Gives each detection the pixels that belong to it, in the same order: faces a superellipse in
 * their box, plates their box, persons and vehicles their outline: the mask of a network that
 * detected them, or that of the network for outlines. Ignored pixels belong to no region: a region
 * whose mask is empty is not anonymized.
 */
export async function segment(raster: Raster, detections: readonly Detection[], options: SegmentOptions): Promise<Region[]> {
  const hasMask = (detection: Detection) => !options.bbox && detection.outlines && shapeOf(detection) === 'outline'
  const flat = await segmentFlat(
    raster,
    detections.filter(detection => !hasMask(detection) && !detection.seen),
    options,
  )
  const regions: Region[] = []
  for (const detection of detections) {
    if (hasMask(detection)) regions.push(outlined(raster, detection, options))
    else regions.push(detection.seen ? await segmentCloseUp(raster, detection, options) : flat.shift()!)
  }
  return regions
}

/** A detection whose network gave its mask. */
function outlined(raster: Raster, detection: Detection, { ignores }: SegmentOptions): Region {
  const mask = maskOfOutlines(detection.outlines!, raster)
  return { ...detection, shape: 'outline', mask: withoutAreas(mask, ignores, raster) }
}

/**
 * An object of a panorama that is not an upright box of it gets its pixels in a flat image of its
 * surroundings.
 */
async function segmentCloseUp(raster: Raster, detection: Detection, options: SegmentOptions): Promise<Region> {
  const close = closeUp(raster, detection.seen!)
  const [{ shape, mask }] = await segmentFlat(close.raster, [{ ...detection, box: close.box }], { ...options, ignores: [] })
  return { ...detection, shape, mask: withoutAreas(close.toImage(mask), options.ignores, raster) }
}

async function segmentFlat(raster: Raster, detections: readonly Detection[], options: SegmentOptions): Promise<Region[]> {
  const shapes = detections.map(detection => (options.bbox ? 'rectangle' : shapeOf(detection)))
  const outlined = detections.filter((_, i) => shapes[i] === 'outline')
  const masks = await options.maskNet?.outline(raster, outlined)
  const outlines = new Map(outlined.map((detection, i) => [detection, masks?.[i]]))
  return detections.map((detection, i) => {
    const mask = outlines.get(detection) ?? plainMask(detection, shapes[i], raster)
    return { ...detection, shape: shapes[i], mask: withoutAreas(mask, options.ignores, raster) }
  })
}

function shapeOf({ class: name, box }: Detection): Shape {
  return name === 'face' && Math.sqrt(area(box)) < MIN_ROUND_FACE ? 'rectangle' : SHAPES[name]
}

function plainMask({ box }: Detection, shape: Shape, raster: Raster) {
  if (shape === 'rectangle') return rectangle(box, raster)
  return superellipse(box, shape === 'superellipse' ? FACE_EXPONENT : BODY_EXPONENT, raster)
}
