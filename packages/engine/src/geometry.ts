/** Boxes, sizes and common operations on them. */

/**
 * Axis-aligned box in pixels of the upright image: left, top, right, bottom; right and bottom are
 * exclusive, values may be fractional.
 */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number]

/** Width and height in pixels. */
export interface Size {
  width: number
  height: number
}

/** Area of a box in square pixels; 0 for an inverted box. */
export function area(box: Box): number {
  return Math.max(0, box[2] - box[0]) * Math.max(0, box[3] - box[1])
}

/** Area that two boxes share, in square pixels. */
export function intersection(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  return width > 0 && height > 0 ? width * height : 0
}

/** Intersection over union, 0..1. */
export function iou(a: Box, b: Box): number {
  const shared = intersection(a, b)
  return shared === 0 ? 0 : shared / (area(a) + area(b) - shared)
}

/** The part of a box inside an image of the given size (may be empty: x2 <= x1). */
export function clip(box: Box, { width, height }: Size): Box {
  return [Math.max(0, box[0]), Math.max(0, box[1]), Math.min(width, box[2]), Math.min(height, box[3])]
}

/** The smallest box that contains both. */
export function enclose(a: Box, b: Box): Box {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]
}

/**
 * Enlarges a box by the given fractions of its width (on the left and right each) and of its height
 * (at top and bottom each).
 */
export function grow(box: Box, shareX: number, shareY: number): Box {
  const dx = (box[2] - box[0]) * shareX
  const dy = (box[3] - box[1]) * shareY
  return [box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy]
}
