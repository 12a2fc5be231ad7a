/** The geometry that decoders share. */
import type { Box, Size } from '../../geometry.js'

/** The cells of a level, row by row. */
export interface Cells {
  count: number
  /** Column of a cell. */
  column(cell: number): number
  /** Row of a cell. */
  row(cell: number): number
}

/** The cells of `stride` px that cover an input. */
export function cellsOf({ width, height }: Size, stride: number): Cells {
  const columns = Math.ceil(width / stride)
  return {
    count: columns * Math.ceil(height / stride),
    column: cell => cell % columns,
    row: cell => Math.floor(cell / columns),
  }
}

/** A box by its centre and size. */
export function around(x: number, y: number, width: number, height: number): Box {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
}

/** A box by the distances from a point to its sides: left, top, right, bottom. */
export function between(x: number, y: number, side: (k: number) => number): Box {
  return [x - side(0), y - side(1), x + side(2), y + side(3)]
}

/** A box in fractions of the input in its px. */
export function inPixels([x1, y1, x2, y2]: Box, { width, height }: Size): Box {
  return [x1 * width, y1 * height, x2 * width, y2 * height]
}

/**
 * Mean of 0..bins-1 under the softmax of `bins` logits: a distance of the generalised focal head
 * (https://arxiv.org/abs/2006.04388).
 */
export function expectation(logits: Float32Array, start: number, bins: number): number {
  let sum = 0
  let weighted = 0
  for (let bin = 0; bin < bins; bin++) {
    const weight = Math.exp(logits[start + bin])
    sum += weight
    weighted += weight * bin
  }
  return weighted / sum
}
