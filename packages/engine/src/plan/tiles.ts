import type { Box, Size } from '../geometry.js'

/** Starts and lengths of overlapping intervals along one axis, in whole px. */
interface Interval {
  start: number
  end: number
}

/**
 * `count` equal intervals that cover 0..length exactly; neighbours share `overlap` px (or up to 1
 * px more, by rounding).
 */
function intervals(length: number, count: number, overlap: number): Interval[] {
  const side = (length + (count - 1) * overlap) / count
  return Array.from({ length: count }, (_, i) => {
    const start = Math.max(0, i * (side - overlap))
    return { start: Math.floor(start), end: i === count - 1 ? length : Math.min(length, Math.ceil(start + side)) }
  })
}

function boxes(columns: Interval[], rows: Interval[]): Box[] {
  return rows.flatMap(row => columns.map((column): Box => [column.start, row.start, column.end, row.end]))
}

/**
 * Covers an image with the fewest equal tiles of at most `side` px whose neighbours share `overlap`
 * px: an object up to `overlap` px large lies whole in at least one of them. An axis shorter than
 * `side` has one tile. Boxes are whole px, row by row.
 */
export function tiles({ width, height }: Size, side: number, overlap: number): Box[] {
  const along = (length: number) => intervals(length, count(length, side, overlap), overlap)
  return boxes(along(width), along(height))
}

function count(length: number, side: number, overlap: number): number {
  return length <= side ? 1 : Math.ceil((length - overlap) / (side - overlap))
}

/**
 * The greatest scale, at most 1, at which an image needs no more tiles than at `scale` (0..1).
 * `side` and `overlap` are px of the scaled image.
 */
export function filledScale({ width, height }: Size, side: number, overlap: number, scale: number): number {
  const along = (length: number) => {
    const n = count(length * scale, side, overlap)
    return (n * side - (n - 1) * overlap) / length
  }
  // Slightly less, so that rounding does not add a tile.
  return Math.max(scale, Math.min(1, along(width), along(height)) * (1 - 1e-9))
}

/**
 * {@link tiles} of an image whose columns go round: all equally wide, the first again the
 * neighbour of the last, which may reach over the right edge by going on at the left one (x2
 * exceeds the width).
 */
export function ring({ width, height }: Size, side: number, overlap: number): Box[] {
  const across = Math.ceil(width / (side - overlap))
  const columns = Array.from({ length: across }, (_, i) => {
    const start = Math.floor((i * width) / across)
    return { start, end: start + Math.ceil(width / across + overlap) }
  })
  return boxes(
    columns,
    tiles({ width: 1, height }, side, overlap).map(([, start, , end]) => ({ start, end })),
  )
}

/**
 * `number` tiles across and down of which neighbours overlap by the fraction `overlap` (0 <=
 * overlap < 1) of a tile. Boxes are whole px, row by row.
 */
export function grid({ width, height }: Size, number: readonly [number, number], overlap: readonly [number, number]): Box[] {
  const along = (length: number, count: number, fraction: number) => {
    const side = length / (count - (count - 1) * fraction)
    return intervals(length, count, side * fraction)
  }
  return boxes(along(width, number[0], overlap[0]), along(height, number[1], overlap[1]))
}
