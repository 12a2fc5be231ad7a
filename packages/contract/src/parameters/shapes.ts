/** Shapes that clients draw: boxes, polygons and masks of rows. */
import { ValueError } from './value-error.js'

/** Left, top, right, bottom; right and bottom are exclusive. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number]
export type Point = readonly [x: number, y: number]

/**
 * The pixels of a region. Entry i of `rows` belongs to image row `top` + i and lists the first and
 * last (exclusive) column of each run, from left to right: [2, 5, 9, 10] are the columns 2, 3, 4
 * and 9.
 */
export interface RowMask {
  top: number
  rows: readonly (readonly number[])[]
}

export const MAX_POINTS = 1000
/** Beyond any image; keeps values such as 1e300 out of the arithmetic. */
const MAX_COORDINATE = 1e6

/** Whether a value is a number that can be a coordinate. */
export const isCoordinate = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= MAX_COORDINATE

/** Reads [left, top, right, bottom]. `name` begins the sentence. @throws ValueError */
export function readBox(value: unknown, name: string): Box {
  const isBox =
    Array.isArray(value) && value.length === 4 && value.every(isCoordinate) && value[0] < value[2] && value[1] < value[3]
  if (!isBox) throw new ValueError(`${name} must have a box [left, top, right, bottom] with left < right and top < bottom.`)
  return [...value] as unknown as Box
}

/** Reads the corners [[x, y], ...] of a polygon. `name` begins the sentence. @throws ValueError */
export function readPolygon(value: unknown, name: string): Point[] {
  const isPolygon =
    Array.isArray(value) &&
    value.length >= 3 &&
    value.length <= MAX_POINTS &&
    value.every(point => Array.isArray(point) && point.length === 2 && point.every(isCoordinate))
  if (!isPolygon) throw new ValueError(`${name} must have a polygon of 3 to ${MAX_POINTS} points [x, y].`)
  // Not destructured: of a hundred thousand points that takes several times as long.
  return value.map(point => [point[0], point[1]])
}

/** Reads a mask of rows inside an image. `name` begins the sentence. @throws ValueError */
export function readMask(value: unknown, size: { width: number; height: number }, name: string): RowMask {
  const { top, rows } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const isMask =
    Number.isSafeInteger(top) &&
    (top as number) >= 0 &&
    Array.isArray(rows) &&
    (top as number) + rows.length <= size.height &&
    rows.every(row => isRow(row, size.width)) &&
    rows.some(row => row.length > 0)
  if (!isMask) {
    throw new ValueError(
      `${name} must have a mask {"top", "rows"} with ascending columns [start, end, ...] of each row, inside the image.`,
    )
  }
  return { top: top as number, rows: rows.map(row => row.slice()) }
}

/** Whether a value is a row of a {@link RowMask} in an image of `width` columns. */
export function isRow(row: unknown, width: number): row is number[] {
  return (
    Array.isArray(row) &&
    row.length % 2 === 0 &&
    row.every(
      (column, i) => Number.isSafeInteger(column) && column <= width && column > (i === 0 ? -1 : row[i - 1] - (i % 2 ? 0 : 1)),
    )
  )
}
