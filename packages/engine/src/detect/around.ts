import type { Detection } from '../detection.js'
import { area, type Box, clip, enclose, type Size } from '../geometry.js'
import type { Pass } from '../plan/profile.js'
import { DEFAULT_LONG_SIDE } from './input.js'

/** A pass that looks only around what a coarser one finds. */
export type PassAround = Pass & Required<Pick<Pass, 'around'>>

/** The coarser pass: over the whole view, for objects of any size. */
export function coarserPass({ around: { longSide }, ...pass }: PassAround): Pass {
  return { ...pass, longSide, largest: undefined }
}

/** Margin of a part in long sides of the view, at least: what is beside a candidate is seen too. */
const MIN_MARGIN = 0.05

/**
 * Parts begin and end at multiples of this many px of the network's input: it sees what is in them
 * as it does in the whole view, and its input needs no padding.
 */
const GRID = 32

/** Boxes of the coarser pass are rough: the object may be smaller by this factor. */
const ROUGH = 1.5

/**
 * The parts of a view, in whole px, that hold what the coarser pass found, unless it is too large
 * for the close pass, with a margin of its width or more. Two parts become one where that is no
 * larger than both; the whole view is the only part where nothing is saved.
 * @param enlarge maximum enlargement in the view
 */
export function partsAround(found: readonly Detection[], size: Size, pass: PassAround, enlarge: number): Box[] {
  const viewSide = Math.max(size.width, size.height)
  const scale = Math.min((pass.longSide ?? DEFAULT_LONG_SIDE) / viewSide, pass.enlarge ?? Number.POSITIVE_INFINITY, enlarge)
  const largest = (ROUGH * (pass.largest ?? Number.POSITIVE_INFINITY)) / scale
  let parts: Box[] = []
  for (const { score, box } of found) {
    if (score < pass.around.from || area(box) >= largest ** 2) continue
    let part = partOf(box, Math.max(MIN_MARGIN * viewSide, box[2] - box[0]), GRID / scale, size)
    for (let other = mate(part, parts); other; other = mate(part, parts)) {
      const joined = other
      parts = parts.filter(one => one !== joined)
      part = enclose(part, joined)
    }
    parts.push(part)
  }
  const total = parts.reduce((sum, part) => sum + area(part), 0)
  return total < size.width * size.height ? parts : [[0, 0, size.width, size.height]]
}

function mate(part: Box, parts: readonly Box[]): Box | undefined {
  return parts.find(other => area(enclose(part, other)) <= area(part) + area(other))
}

function partOf([x1, y1, x2, y2]: Box, margin: number, cell: number, size: Size): Box {
  const start = (at: number) => Math.ceil(Math.floor((at - margin) / cell) * cell)
  const end = (at: number) => Math.floor(Math.ceil((at + margin) / cell) * cell)
  return clip([start(x1), start(y1), end(x2), end(y2)], size)
}

/** The pass over a part of the view, at the scale that it has over the whole view. */
export function passOver([x1, y1, x2, y2]: Box, { width, height }: Size, { around: _, ...pass }: PassAround): Pass {
  const fraction = Math.max(x2 - x1, y2 - y1) / Math.max(width, height)
  return { ...pass, longSide: Math.max(1, Math.round(fraction * (pass.longSide ?? DEFAULT_LONG_SIDE))) }
}
