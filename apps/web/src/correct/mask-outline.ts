/** What was painted with the brush as lines around it. */
import type { Point } from '@obscura/contract'
import type { Mask } from './brush.js'

/** Steps along the edges of pixels: right, down, left, up. */
const STEPS: readonly Point[] = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
]
const DOWN = 1
/** From a corner to the pixel that lies ahead on the right, by direction. */
const AHEAD_RIGHT: readonly Point[] = [
  [0, 0],
  [-1, 0],
  [-1, -1],
  [0, -1],
]

/**
 * The borders of a mask, in pixels of its image, each a closed line: around each part, and around
 * each hole. Corners that are at most `tolerance` off the line between others are left out: a slant
 * is a stair of pixels.
 */
export function maskOutlines({ top, rows }: Mask, tolerance: number): Point[][] {
  const isPainted = ([x, y]: Point) => {
    const row = rows[y - top] ?? []
    for (let i = 0; i < row.length; i += 2) if (row[i] <= x && x < row[i + 1]) return true
    return false
  }
  const key = ([x, y]: Point) => `${x},${y}`
  const outlines: Point[][] = []
  const seen = new Set<string>()
  // Each border goes down somewhere, and there a span ends that no other one continues.
  for (const [i, row] of rows.entries())
    for (let end = 1; end < row.length; end += 2) {
      const start: Point = [row[end], top + i]
      const isEnd = isPainted([start[0] - 1, start[1]]) && !isPainted(start)
      if (!isEnd || seen.has(key(start))) continue
      const border = borderFrom(start, isPainted, at => seen.add(key(at)))
      outlines.push(simplified(border, tolerance))
    }
  return outlines
}

/**
 * Follows a border with what is painted on the right of it, from a point where it goes down.
 * @param onDown called with each point from which it goes down
 * @returns its corners
 */
function borderFrom(start: Point, isPainted: (pixel: Point) => boolean, onDown: (at: Point) => void): Point[] {
  const corners: Point[] = []
  let [at, direction] = [start, DOWN]
  do {
    if (direction === DOWN) onDown(at)
    at = plus(at, STEPS[direction])
    const before = direction
    if (!isPainted(plus(at, AHEAD_RIGHT[direction]))) direction = (direction + 1) % 4
    else if (isPainted(plus(at, AHEAD_RIGHT[(direction + 3) % 4]))) direction = (direction + 3) % 4
    if (direction !== before) corners.push(at)
  } while (direction !== DOWN || at[0] !== start[0] || at[1] !== start[1])
  return corners
}

const plus = ([x, y]: Point, [dx, dy]: Point): Point => [x + dx, y + dy]

/** A closed line without corners that hardly matter (Douglas and Peucker), by its two halves. */
function simplified(corners: readonly Point[], tolerance: number): Point[] {
  const half = corners.length >> 1
  const first = between(corners.slice(0, half + 1), tolerance)
  const second = between([...corners.slice(half), corners[0]], tolerance)
  return [...first.slice(0, -1), ...second.slice(0, -1)]
}

function between(line: readonly Point[], tolerance: number): Point[] {
  const [from, to] = [line[0], line.at(-1)!]
  let [farthest, most] = [0, tolerance]
  for (let i = 1; i < line.length - 1; i++) {
    const off = distance(line[i], from, to)
    if (off > most) [farthest, most] = [i, off]
  }
  if (farthest === 0) return [from, to]
  return [...between(line.slice(0, farthest + 1), tolerance).slice(0, -1), ...between(line.slice(farthest), tolerance)]
}

/** From a point to a segment. */
function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length))
  return Math.hypot(x - ax - along * dx, y - ay - along * dy)
}
