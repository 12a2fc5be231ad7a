import type { Point } from '@obscura/contract/parameters'
import type { RegionMask } from '../detection.js'
import type { Size } from '../geometry.js'
import { maskOfRows, type Run } from './runs.js'
import { rectangle } from './shape.js'

/** The box around points. */
export function boxAround(points: readonly Point[]): [number, number, number, number] {
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

/**
 * The pixels inside a polygon (even-odd rule), and those that its edges cross on the left or right:
 * every row between two edges is rounded outwards. Where there are none, those that its
 * box touches.
 */
export function polygon(points: readonly Point[], size: Size): RegionMask {
  const [, top, , bottom] = boxAround(points)
  const mask = maskOfRows(Math.floor(top), Math.ceil(bottom), size, y => runsBetween(crossings(points, y + 0.5)))
  return mask.runs.length > 0 ? mask : rectangle(boxAround(points), size)
}

/** Where a polygon crosses the horizontal line at `y`, from left to right. */
function crossings(points: readonly Point[], y: number): number[] {
  const found: number[] = []
  let [ax, ay] = points[points.length - 1]
  for (const [bx, by] of points) {
    if (ay <= y !== by <= y) found.push(ax + ((y - ay) * (bx - ax)) / (by - ay))
    ;[ax, ay] = [bx, by]
  }
  return found.sort((a, b) => a - b)
}

/** The columns between each pair of crossings; runs that touch become one. */
function runsBetween(xs: readonly number[]): Run[] {
  const runs: [number, number][] = []
  for (let i = 0; i + 1 < xs.length; i += 2) {
    const [start, end] = [Math.floor(xs[i]), Math.ceil(xs[i + 1])]
    const last = runs.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else runs.push([start, end])
  }
  return runs
}
