import type { Size } from '../geometry.js'

/**
 * Tracks which squares of 8 x 8 px of an image were painted; the units of every JPEG consist of
 * such squares.
 */
export interface PaintedBlocks {
  /** Marks the columns from..to (exclusive) of an image row as painted. */
  mark(y: number, from: number, to: number): void
  /**
   * Whether anything was painted in a rectangle of px whose corners lie on the grid; it may exceed
   * the image.
   */
  any(left: number, top: number, right: number, bottom: number): boolean
}

/** Nothing is painted yet. */
export function paintedBlocks({ width, height }: Size): PaintedBlocks {
  const columns = Math.ceil(width / 8)
  const rows = Math.ceil(height / 8)
  const marks = new Uint8Array(columns * rows)
  return {
    mark(y, from, to) {
      const row = (y >> 3) * columns
      if (from < to) marks.fill(1, row + (from >> 3), row + ((to - 1) >> 3) + 1)
    },
    any(left, top, right, bottom) {
      const first = Math.max(0, left / 8)
      const last = Math.min(columns, right / 8)
      for (let row = Math.max(0, top / 8); row < Math.min(rows, bottom / 8); row++) {
        if (first < last && marks.subarray(row * columns + first, row * columns + last).includes(1)) return true
      }
      return false
    },
  }
}
