import type { Detection } from '../detection.js'
import { type Box, clip, grow, type Size } from '../geometry.js'
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

/** Merges the sightings of all views: one detection an object, best first, grown to cover it, clipped to the image. */
export function mergeViews(sightings: readonly Sighting[], fusion: Record<ObjectClass, Fusion>, image: Size): Detection[] {
  return joinParts(dropRepeated(sightings))
    .map(({ class: name, score, box }) => ({ class: name, score, box: clip(grow(box, ...fusion[name].grow), image) }))
    .filter(({ box }) => box[2] - box[0] >= 1 && box[3] - box[1] >= 1)
    .sort(byScore)
}

/** Two views agree less well on a box than two passes over one view; of a cut box even a rough match in another view is the better one. */
const WHOLE_REPEATS = { iou: 0.5, inside: 0.8 }
const PART_REPEATS = { iou: 0.5, inside: 0.6 }

/** Keeps the best sighting of each object, whole ones before parts. Within a view fusion has seen to that already. */
function dropRepeated(sightings: readonly Sighting[]): Sighting[] {
  const kept: Sighting[] = []
  for (const candidate of [...sightings].sort((a, b) => Number(a.cut) - Number(b.cut) || byScore(a, b))) {
    const overlap = candidate.cut ? PART_REPEATS : WHOLE_REPEATS
    const repeated = kept.some(
      other => other.class === candidate.class && other.view !== candidate.view && repeats(candidate.box, other.box, overlap),
    )
    if (!repeated) kept.push(candidate)
  }
  return kept
}

/** Joins the parts of an object that no view saw whole: cut boxes of different views that continue each other. */
function joinParts(sightings: readonly Sighting[]): Detection[] {
  const joined: Sighting[] = []
  for (const sighting of sightings) {
    let whole = sighting
    if (whole.cut) {
      for (let i = joined.length - 1; i >= 0; i--) {
        const other = joined[i]
        if (!other.cut || other.class !== whole.class || other.view === whole.view || !continues(other.box, whole.box)) continue
        joined.splice(i, 1)
        whole = { ...whole, score: Math.max(whole.score, other.score), box: union(whole.box, other.box) }
      }
    }
    joined.push(whole)
  }
  return joined
}

/** Whether one box goes on where the other ends: side by side (or overlapping) with nearly the same rows, or the same with columns. */
function continues(a: Box, b: Box): boolean {
  const along = (low: 0 | 1) => {
    const high = (low + 2) as 2 | 3
    const shared = Math.min(a[high], b[high]) - Math.max(a[low], b[low])
    const lengths = [a[high] - a[low], b[high] - b[low]] as const
    return { shared, lengths, ofLonger: shared / Math.max(...lengths) }
  }
  const [x, y] = [along(0), along(1)]
  const touches = ({ shared, lengths }: typeof x) => shared >= -GAP * Math.min(...lengths)
  return (touches(x) && y.ofLonger >= SAME_EXTENT) || (touches(y) && x.ofLonger >= SAME_EXTENT)
}

/** How far apart parts may end, as a share of the smaller one, and how much of the longer one's extent they share. */
const GAP = 0.1
const SAME_EXTENT = 0.6

function union(a: Box, b: Box): Box {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]
}
