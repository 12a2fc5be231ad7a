import type { Box, RegionMask, Size } from '@obscura/engine'
import type { LabelledObject } from './labels.js'

/** Which pixels of an image are covered: one byte a pixel, row by row. */
export interface Coverage extends Size {
  data: Uint8Array
}

/** A coverage without a pixel. */
export function noCoverage({ width, height }: Size): Coverage {
  return { width, height, data: new Uint8Array(width * height) }
}

/** Marks the pixels whose centre lies in the box. */
export function coverBox({ width, height, data }: Coverage, [x1, y1, x2, y2]: Box): void {
  const left = Math.max(0, Math.round(x1))
  const right = Math.min(width, Math.round(x2))
  if (right <= left) return
  for (let y = Math.max(0, Math.round(y1)); y < Math.min(height, Math.round(y2)); y++)
    data.fill(1, y * width + left, y * width + right)
}

/** Marks the pixels of a region. */
export function coverMask({ width, data }: Coverage, { top, bottom, offsets, runs }: RegionMask): void {
  for (let y = top; y < bottom; y++) {
    for (let run = offsets[y - top]; run < offsets[y - top + 1]; run++) {
      data.fill(1, y * width + runs[2 * run], y * width + runs[2 * run + 1])
    }
  }
}

/** Sample points across and down an object's box. */
const SAMPLES = 40

/**
 * The fraction 0..1 of an object's pixels that is covered. Its pixels are its outline where there
 * is one; else the ellipse of a face, 90 % of a plate's box, the middle 60 % x 60 % of a person's
 * or vehicle's.
 */
export function coveredFraction({ width, height, data }: Coverage, object: LabelledObject): number {
  const [x1, y1, x2, y2] = object.bbox
  let inside = 0
  let covered = 0
  for (let row = 0; row < SAMPLES; row++) {
    for (let column = 0; column < SAMPLES; column++) {
      const u = (column + 0.5) / SAMPLES
      const v = (row + 0.5) / SAMPLES
      const x = x1 + u * (x2 - x1)
      const y = y1 + v * (y2 - y1)
      if (x < 0 || y < 0 || x >= width || y >= height || !belongs(object, u, v, x, y)) continue
      inside++
      covered += data[Math.floor(y) * width + Math.floor(x)]
    }
  }
  return inside === 0 ? 0 : covered / inside
}

/**
 * Whether the point (u, v) of the box, 0..1 each, at (x, y) in the image, belongs to the object.
 */
function belongs({ type, polygon }: LabelledObject, u: number, v: number, x: number, y: number): boolean {
  if (polygon) return inPolygon(polygon, x, y)
  const fromCentre = Math.max(Math.abs(u - 0.5), Math.abs(v - 0.5))
  if (type === 'face') return Math.hypot(u - 0.5, v - 0.5) <= 0.5
  return fromCentre <= (type === 'license_plate' ? 0.45 : 0.3)
}

/** Even-odd rule. */
function inPolygon(polygon: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let inside = false
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i]
    const [bx, by] = polygon[j]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

/** The fraction of the image that is covered away from the boxes, each grown by 15 % a side. */
export function strayFraction({ width, height, data }: Coverage, boxes: readonly Box[]): number {
  const stray = { width, height, data: data.slice() }
  for (const [x1, y1, x2, y2] of boxes)
    erase(stray, [x1 - 0.15 * (x2 - x1), y1 - 0.15 * (y2 - y1), x2 + 0.15 * (x2 - x1), y2 + 0.15 * (y2 - y1)])
  return stray.data.reduce((sum, value) => sum + value, 0) / (width * height)
}

function erase({ width, height, data }: Coverage, [x1, y1, x2, y2]: Box): void {
  const left = Math.max(0, Math.floor(x1))
  const right = Math.min(width, Math.ceil(x2))
  for (let y = Math.max(0, Math.floor(y1)); y < Math.min(height, Math.ceil(y2)); y++)
    data.fill(0, y * width + left, y * width + right)
}
