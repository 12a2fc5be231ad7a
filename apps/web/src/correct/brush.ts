/** Strokes of a brush as the pixels that they cover. */
import type { Box, DrawnRegion, Point } from '@obscura/contract'
import type { Size } from '../stage/view-box.js'

/** Columns [start, end, ...] of each row from `top` on. */
export type Mask = NonNullable<DrawnRegion['mask']>

/** Discs along a stroke: so dense that between them less than half a pixel is missing. */
const STEPS_PER_RADIUS = 4

/** @param points in pixels of the image, as `radius` @returns undefined when no pixel is covered */
export function strokeMask(points: readonly Point[], radius: number, { width, height }: Size): Mask | undefined {
  const ys = points.map(([, y]) => y)
  const top = Math.max(0, Math.floor(Math.min(...ys) - radius))
  const bottom = Math.min(height, Math.ceil(Math.max(...ys) + radius))
  const rows = Array.from({ length: Math.max(0, bottom - top) }, (_, i) => {
    const spans = segments(points).map(([from, to]) => span(from, to, radius, top + i + 0.5))
    return merged(spans.filter(found => found !== undefined).map(([left, right]) => [Math.max(0, left), Math.min(width, right)]))
  })
  return rows.some(row => row.length > 0) ? { top, rows } : undefined
}

const segments = (points: readonly Point[]): [Point, Point][] =>
  points.length === 1 ? [[points[0], points[0]]] : points.slice(1).map((point, i) => [points[i], point])

/**
 * The columns that a disc covers in a row when it moves along a segment: one span, because what it
 * covers is convex.
 */
function span([ax, ay]: Point, [bx, by]: Point, radius: number, y: number): [number, number] | undefined {
  const steps = Math.ceil((Math.hypot(bx - ax, by - ay) / radius) * STEPS_PER_RADIUS)
  let found: [number, number] | undefined
  for (let i = 0; i <= steps; i++) {
    const at = steps === 0 ? 0 : i / steps
    const half = Math.sqrt(radius ** 2 - (ay + (by - ay) * at - y) ** 2)
    if (!(half > 0)) continue
    const x = ax + (bx - ax) * at
    found = [Math.min(found?.[0] ?? Infinity, Math.floor(x - half)), Math.max(found?.[1] ?? 0, Math.ceil(x + half))]
  }
  return found
}

function merged(spans: number[][]): number[] {
  const row: number[] = []
  for (const [left, right] of spans.sort((a, b) => a[0] - b[0])) {
    if (right <= left) continue
    if (row.length > 0 && left <= row[row.length - 1]) row[row.length - 1] = Math.max(row[row.length - 1], right)
    else row.push(left, right)
  }
  return row
}

/** The pixels around a mask. */
export function boxOfMask({ top, rows }: Mask): Box {
  const filled = rows.filter(row => row.length > 0)
  const left = Math.min(...filled.map(row => row[0]))
  const right = Math.max(...filled.map(row => row[row.length - 1]))
  return [left, top, right, top + rows.length]
}

/** A mask as the path of an SVG; rows that are alike are one rectangle. */
export function maskPath({ top, rows }: Mask): string {
  const path: string[] = []
  for (let from = 0; from < rows.length; ) {
    let to = from + 1
    while (to < rows.length && rows[to].join() === rows[from].join()) to++
    for (let i = 0; i < rows[from].length; i += 2)
      path.push(`M${rows[from][i]} ${top + from}H${rows[from][i + 1]}V${top + to}H${rows[from][i]}Z`)
    from = to
  }
  return path.join('')
}
