import type { Point } from '@obscura/contract'
import type { DraftRegion } from './draft.js'
import { maskOutlines } from './mask-outline.js'

/**
 * Between points of an outline, in degrees: what is straight in the panorama is bent on its sphere.
 */
const STEP = 2
/** What a line around something painted may be off, in degrees: about a pixel of the screen. */
const TOLERANCE = 0.1

/**
 * The outlines of a region for the 360-degree view, in pixels of the panorama; several only of
 * what was painted in several parts or around something.
 * @param width of the panorama, in pixels
 */
export function sphereOutlines(region: DraftRegion, width: number): [number, number][][] {
  return outlines(region, width).map(corners =>
    corners.flatMap(([x, y], i) => {
      const [toX, toY] = corners[(i + 1) % corners.length]
      const count = Math.max(1, Math.ceil((Math.hypot(toX - x, toY - y) / width) * (360 / STEP)))
      return Array.from({ length: count }, (_, k): [number, number] => [x + ((toX - x) * k) / count, y + ((toY - y) * k) / count])
    }),
  )
}

function outlines({ box: [left, top, right, bottom], polygon, mask, source }: DraftRegion, width: number): (readonly Point[])[] {
  if (polygon) return [polygon]
  if (mask && source === 'user') return maskOutlines(mask, Math.max(1, (width * TOLERANCE) / 360))
  return [
    [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
    ],
  ]
}
