/**
 * A box, polygon or stroke while it is drawn, by pointer or by keys. Points are in pixels of the
 * image.
 */
import type { Box, Point } from '@obscura/contract'
import type { Size } from '../stage/view-box.js'
import { type Mask, strokeMask } from './brush.js'

export type DrawingTool = 'box' | 'polygon' | 'brush'

/** A drawn region. */
export type Shape = { box: Box } | { polygon: Point[] } | { mask: Mask }

/** The brush of a stroke: its radius, and the image that it is drawn on, in pixels of the image. */
export interface Brush {
  radius: number
  image: Size
}

/** A shape while it is drawn, in pixels of the image. */
export interface Drawing {
  points: readonly Point[]
  /** Where the next point would be. */
  cursor: Point
}

/** Smaller boxes are a slip of the hand; in pixels of the image. */
const MIN_SIZE = 2

/** The nearest point inside an image, in tenths of a pixel. */
export function inside([x, y]: Point, { width, height }: Size): Point {
  const within = (value: number, most: number) => Math.round(Math.min(most, Math.max(0, value)) * 10) / 10
  return [within(x, width), within(y, height)]
}

/** What the drawing is so far: the points with the cursor. */
export const outline = ({ points, cursor }: Drawing): Point[] => [...points, cursor]

/** The box between two corners. */
export function boxOf([ax, ay]: Point, [bx, by]: Point): Box {
  return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)]
}

/** The finished shape; undefined while it is too small or has too few points. */
export function finished(tool: DrawingTool, points: readonly Point[], { radius, image }: Brush): Shape | undefined {
  if (tool === 'brush') {
    const mask = points.length > 0 ? strokeMask(points, radius, image) : undefined
    return mask && { mask }
  }
  if (tool === 'box') {
    if (points.length < 2) return undefined
    const box = boxOf(points[0], points[1])
    return box[2] - box[0] >= MIN_SIZE && box[3] - box[1] >= MIN_SIZE ? { box } : undefined
  }
  const corners = points.filter(([x, y], i) => i === 0 || x !== points[i - 1][0] || y !== points[i - 1][1])
  return corners.length >= 3 ? { polygon: corners } : undefined
}
