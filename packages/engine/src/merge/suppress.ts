import type { Detection } from '../detection.js'
import { area, type Box, intersection } from '../geometry.js'

/**
 * When a box counts as a duplicate: it overlaps a better one by this IoU, or this fraction of its
 * own area lies in a better one (1: never).
 */
export interface Overlap {
  iou: number
  inside: number
}

/**
 * Non-maximum suppression, class by class: best first, duplicates are dropped.
 * @returns the kept boxes, best first
 */
export function suppress<T extends Detection>(detections: readonly T[], overlap: Overlap): T[] {
  const kept: T[] = []
  for (const candidate of [...detections].sort(byScore)) {
    const doubled = kept.some(other => other.class === candidate.class && repeats(candidate.box, other.box, overlap))
    if (!doubled) kept.push(candidate)
  }
  return kept
}

/** Whether `box` is a duplicate of the better box `other`. */
export function repeats(box: Box, other: Box, { iou, inside }: Overlap): boolean {
  const shared = intersection(box, other)
  if (shared === 0) return false
  return shared >= iou * (area(box) + area(other) - shared) || (inside < 1 && shared >= inside * area(box))
}

/** Best first; equal scores by place, so that the order of the input never matters. */
export function byScore(a: Pick<Detection, 'score' | 'box'>, b: Pick<Detection, 'score' | 'box'>): number {
  return b.score - a.score || a.box[0] - b.box[0] || a.box[1] - b.box[1] || a.box[2] - b.box[2] || a.box[3] - b.box[3]
}
