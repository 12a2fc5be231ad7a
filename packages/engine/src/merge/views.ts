import type { Detection } from '../detection.js'
import { clip, grow, type Size } from '../geometry.js'
import type { ObjectClass } from '../parameters.js'
import type { Fusion } from '../plan/profile.js'
import { byScore, repeats } from './suppress.js'

/** What one view saw of an object, in px of the image. */
export interface Sighting extends Detection {
  /** The view's number. */
  view: number
  /** It ends at an inner border of the view: it may be a part of the object. */
  cut: boolean
}

/** Two views agree less well on a box than two passes over one view. */
const ACROSS_VIEWS = { iou: 0.5, inside: 0.8 }

/** Merges the sightings of all views: one detection an object, best first, grown to cover it, clipped to the image. */
export function mergeViews(sightings: readonly Sighting[], fusion: Record<ObjectClass, Fusion>, image: Size): Detection[] {
  const kept: Sighting[] = []
  for (const candidate of [...sightings].filter(({ cut }) => !cut).sort(byScore)) {
    const doubled = kept.some(
      other =>
        other.view !== candidate.view && other.class === candidate.class && repeats(candidate.box, other.box, ACROSS_VIEWS),
    )
    if (!doubled) kept.push(candidate)
  }
  return kept
    .map(({ class: name, score, box }) => ({ class: name, score, box: clip(grow(box, ...fusion[name].grow), image) }))
    .filter(({ box }) => box[2] - box[0] >= 1 && box[3] - box[1] >= 1)
    .sort(byScore)
}
