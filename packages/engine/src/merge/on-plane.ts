import { type Box, clip, grow, type Size } from '../geometry.js'
import { repeats } from './suppress.js'
import type { Geometry } from './views.js'

/** Boxes of one flat image. */
export function onPlane(image: Size): Geometry {
  return {
    // A photo may be a close-up of anything.
    accepts: () => true,
    repeats: ({ box }, better, overlap) => repeats(box, better.box, overlap),
    join: (a, b) =>
      continues(a.box, b.box) ? { class: b.class, score: Math.max(a.score, b.score), box: union(a.box, b.box) } : undefined,
    finish({ class: name, score, box }, margins) {
      const inside = clip(grow(box, ...margins), image)
      return isVisible(inside) ? { class: name, score, box: inside } : undefined
    },
  }
}

/** Whether a box is at least a px wide and high. */
export function isVisible(box: Box): boolean {
  return box[2] - box[0] >= 1 && box[3] - box[1] >= 1
}

/**
 * Whether one box continues where the other ends: side by side (or overlapping) with nearly the
 * same rows, or the same with columns.
 */
export function continues(a: Box, b: Box): boolean {
  const along = (low: 0 | 1) => {
    const high = (low + 2) as 2 | 3
    const shared = Math.min(a[high], b[high]) - Math.max(a[low], b[low])
    const lengths = [a[high] - a[low], b[high] - b[low]] as const
    return { shared, lengths, ofLonger: shared / Math.max(...lengths) }
  }
  const [x, y] = [along(0), along(1)]
  const touches = ({ shared, lengths }: typeof x) => shared >= -MAX_GAP * Math.min(...lengths)
  return (touches(x) && y.ofLonger >= MIN_SHARED_EXTENT) || (touches(y) && x.ofLonger >= MIN_SHARED_EXTENT)
}

/**
 * How far apart parts may end, as a fraction of the smaller one, and how much of the longer one's
 * extent they share.
 */
const MAX_GAP = 0.1
const MIN_SHARED_EXTENT = 0.6

/** The smallest box around two. */
export function union(a: Box, b: Box): Box {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]
}
