import type { Point } from '@obscura/contract'
import type { DraftRegion } from './draft.js'

/**
 * Between points of an outline, in degrees: what is straight in the panorama is bent on its sphere.
 */
const STEP = 2

/**
 * The outline of a region for the 360-degree view, in pixels of the panorama; of what was painted
 * with the brush its box.
 * @param width of the panorama, in pixels
 */
export function sphereOutline({ box: [left, top, right, bottom], polygon }: DraftRegion, width: number): [number, number][] {
  const corners: readonly Point[] = polygon ?? [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ]
  return corners.flatMap(([x, y], i) => {
    const [toX, toY] = corners[(i + 1) % corners.length]
    const count = Math.max(1, Math.ceil((Math.hypot(toX - x, toY - y) / width) * (360 / STEP)))
    return Array.from({ length: count }, (_, k): [number, number] => [x + ((toX - x) * k) / count, y + ((toY - y) * k) / count])
  })
}
