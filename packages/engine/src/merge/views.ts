import type { ObjectClass } from '@obscura/contract/parameters'
import type { Detection } from '../detection.js'
import type { Fusion } from '../plan/profile.js'
import { byScore, type Overlap } from './suppress.js'

/** A detection in one view, in px of the image. */
export interface ViewDetection extends Detection {
  /** The view's number. */
  view: number
  /** It ends at an inner border of the view: it may be a part of the object. */
  cut: boolean
}

/** Geometry of view detections: in a plane or on a sphere. */
export interface Geometry {
  /** Whether there can be an object of this size. */
  accepts(viewDetection: ViewDetection): boolean
  /** Whether a view detection is a duplicate of a better one. */
  repeats(viewDetection: ViewDetection, better: ViewDetection, overlap: Overlap): boolean
  /** The union of two parts; undefined if they do not continue each other. */
  join(a: ViewDetection, b: ViewDetection): Detection | undefined
  /**
   * The detection enlarged by fractions of its width and height and clipped to the image; undefined
   * where less than a px is left.
   */
  finish(detection: Detection, grow: Fusion['grow']): Detection | undefined
}

/**
 * Merges the detections of all views: one per object, best first, enlarged to cover it, clipped to
 * the image.
 */
export function mergeViews(
  viewDetections: readonly ViewDetection[],
  fusion: Record<ObjectClass, Fusion>,
  geometry: Geometry,
): Detection[] {
  return joinParts(dropRepeated(viewDetections.filter(geometry.accepts), geometry), geometry)
    .flatMap(({ outlines, ...detection }) => {
      const finished = geometry.finish(detection, fusion[detection.class].grow)
      return finished ? { ...finished, ...(outlines && { outlines }) } : []
    })
    .sort(byScore)
}

/**
 * Two views agree less well on a box than two passes over one view; of a cut box even a rough match
 * in another view is the better one.
 */
const WHOLE_REPEATS = { iou: 0.5, inside: 0.8 }
const PART_REPEATS = { iou: 0.5, inside: 0.6 }

/**
 * Keeps the best view detection of each object, whole ones before parts. Duplicates within a view
 * have been fused already.
 */
function dropRepeated(viewDetections: readonly ViewDetection[], { repeats }: Geometry): ViewDetection[] {
  const kept: ViewDetection[] = []
  for (const candidate of [...viewDetections].sort((a, b) => Number(a.cut) - Number(b.cut) || byScore(a, b))) {
    const overlap = candidate.cut ? PART_REPEATS : WHOLE_REPEATS
    const place = kept.findIndex(
      other => other.class === candidate.class && other.view !== candidate.view && repeats(candidate, other, overlap),
    )
    if (place < 0) kept.push(candidate)
    // Of a whole object, not of a part.
    else if (!candidate.cut && !kept[place].outlines) kept[place] = { ...kept[place], outlines: candidate.outlines }
  }
  return kept
}

/**
 * Joins the parts of an object that no view contains whole: cut boxes of different views that
 * continue each other.
 */
function joinParts(viewDetections: readonly ViewDetection[], { join }: Geometry): Detection[] {
  const joined: ViewDetection[] = []
  for (const viewDetection of viewDetections) {
    let whole = viewDetection
    if (whole.cut) {
      for (let i = joined.length - 1; i >= 0; i--) {
        const other = joined[i]
        if (!other.cut || other.class !== whole.class || other.view === whole.view) continue
        const both = join(other, whole)
        if (!both) continue
        joined.splice(i, 1)
        whole = { ...whole, ...both, outlines: outlinesOfBoth(other, whole) }
      }
    }
    joined.push(whole)
  }
  return joined
}

/**
 * The masks of both parts; none if one part has none, because half an outline would hide the rest.
 */
function outlinesOfBoth({ outlines: a }: Detection, { outlines: b }: Detection) {
  return a && b ? [...a, ...b] : undefined
}
