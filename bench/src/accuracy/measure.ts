import { join } from 'node:path'
import { type Box, type Detection, grow, type ObjectClass, type Raster } from '@obscura/engine'
import { detect, type MaskNet, type Networks, segment } from '@obscura/engine/internals'
import { type Coverage, coverMask, noCoverage, strayFraction } from './cover.js'
import { decode } from './decode.js'
import { defaultOf, detectionsAt } from './detections.js'
import { emptyTally, type Tally } from './figures.js'
import type { Photo } from './labels.js'
import { falseDetections, hasCompleteLabels, matchObjects } from './match.js'

/** Everything about one photo: what was detected, how long it took, and how each class did. */
export interface Result {
  photo: Photo
  detections: Detection[]
  milliseconds: number
  tallies: Map<ObjectClass, Tally>
  /** The false detections among them. */
  wrong: Detection[]
}

/** How a photo is measured. */
export interface MeasureOptions {
  /** Whether heads of persons without a detected face are faces. */
  heads: boolean
  /** Detections with low scores, in place of a search. */
  known?: readonly Detection[]
}

/**
 * Runs the engine's detection over a photo, for the classes that are labelled in it, and judges it.
 */
export async function measure(
  folder: string,
  photo: Photo,
  classes: readonly ObjectClass[],
  networks: Networks,
  maskNet: MaskNet | undefined,
  { heads, known }: MeasureOptions,
): Promise<Result> {
  const raster = await decode(join(folder, photo.image))
  const wanted = classes.filter(name => photo.labelled.includes(name))
  const start = performance.now()
  const detections = known
    ? wanted.flatMap(name => detectionsAt(defaultOf(name), known, name, photo, heads))
    : await detect(raster, { classes: wanted, format: 'whole', heads }, networks)
  const milliseconds = performance.now() - start
  const coverages = await coverageByClass(raster, detections, wanted, maskNet)
  const tallies = new Map<ObjectClass, Tally>()
  const wrong: Detection[] = []
  for (const name of wanted) {
    const ofClass = detections.filter(detection => detection.class === name)
    const coverage = coverages.get(name)!
    const [growX, growY] = networks.profile.fusion[name].grow
    const tally = emptyTally()
    tally.photos = 1
    tally.matches = matchObjects(
      photo,
      name,
      ofClass.map(({ box }) => shrink(box, growX, growY)),
      coverage,
    )
    if (hasCompleteLabels(photo, name)) {
      const mistaken = falseDetections(photo, name, ofClass)
      const objects = photo.objects.filter(({ type }) => type === name).map(({ bbox }) => bbox)
      wrong.push(...mistaken)
      tally.complete = 1
      tally.detections = ofClass.length
      tally.falseDetections = mistaken.length
      tally.stray = {
        rectangles: strayFraction(coverage.rectangles, objects),
        outlines: strayFraction(coverage.outlines, objects),
      }
    }
    tallies.set(name, tally)
  }
  return { photo, detections, milliseconds, tallies, wrong }
}

/** The pixels that would be anonymized, by class: as rectangles and as outlines. */
async function coverageByClass(raster: Raster, detections: Detection[], classes: readonly ObjectClass[], maskNet?: MaskNet) {
  const result = new Map<ObjectClass, { rectangles: Coverage; outlines: Coverage }>()
  for (const name of classes) {
    const ofClass = detections.filter(detection => detection.class === name)
    const painted = async (bbox: boolean) => {
      const coverage = noCoverage(raster)
      for (const { mask } of await segment(raster, ofClass, { bbox, ignores: [], maskNet })) coverMask(coverage, mask)
      return coverage
    }
    result.set(name, { rectangles: await painted(true), outlines: await painted(false) })
  }
  return result
}

/**
 * The box before the engine enlarged it to cover the whole object: IoU is about where an object was
 * seen, not about the margin.
 */
function shrink(box: Box, shareX: number, shareY: number): Box {
  return grow(box, -shareX / (1 + 2 * shareX), -shareY / (1 + 2 * shareY))
}
