/** Cells: the few mean colours that pixelation and blur keep of a region. */
import { randomFillSync } from 'node:crypto'
import type { Box } from '../geometry.js'
import type { Pixels } from '../image.js'

/**
 * Paints one image row of a layer: RGB of the columns from..to (exclusive) into `row`, starting at
 * its first entry.
 */
export type PaintRow = (y: number, from: number, to: number, row: Float32Array) => void

/** Mean colours of a rectangle divided into rows x columns cells of whole pixels. */
export interface Cells {
  /** In whole pixels, inside the image. */
  rect: Box
  columns: number
  rows: number
  /** rows x columns x 3 (RGB), on the scale of the image's samples. */
  means: Float32Array
}

/**
 * Averages a rectangle (whole pixels, inside the image) over cells of at least `side` px, or one
 * cell where it is smaller.
 */
export function averageCells(pixels: Pixels, rect: Box, side: number): Cells {
  const [left, top, right, bottom] = rect
  const columns = Math.max(1, Math.floor((right - left) / side))
  const rows = Math.max(1, Math.floor((bottom - top) / side))
  const means = new Float32Array(rows * columns * 3)
  const edges = Array.from({ length: columns + 1 }, (_, i) => left + edge(i, right - left, columns))
  for (let row = 0; row < rows; row++) {
    const sums = new Float64Array(columns * 3)
    const first = top + edge(row, bottom - top, rows)
    const last = top + edge(row + 1, bottom - top, rows)
    for (let y = first; y < last; y++) addRow(pixels, y, edges, sums)
    for (let i = 0; i < columns; i++) {
      const count = (edges[i + 1] - edges[i]) * (last - first)
      for (let c = 0; c < 3; c++) means[3 * (row * columns + i) + c] = sums[3 * i + c] / count
    }
  }
  return { rect, columns, rows, means }
}

/** Where cell i of `count` begins on a side of `length` px. */
function edge(i: number, length: number, count: number): number {
  return Math.round((i * length) / count)
}

function addRow({ data, width, channels }: Pixels, y: number, edges: readonly number[], sums: Float64Array): void {
  for (let i = 0; i + 1 < edges.length; i++) {
    let red = 0
    let green = 0
    let blue = 0
    const end = (y * width + edges[i + 1]) * channels
    for (let sample = (y * width + edges[i]) * channels; sample < end; sample += channels) {
      red += data[sample]
      green += data[sample + 1]
      blue += data[sample + 2]
    }
    sums[3 * i] += red
    sums[3 * i + 1] += green
    sums[3 * i + 2] += blue
  }
}

/**
 * Moves every mean by secret random amounts, so that no guess at the original can be checked
 * against the cells: its lightness by a normal deviate of the given standard deviation, each colour
 * by another of a quarter of that. The normal distribution has no bounds: noise within known ones
 * rules out every guess that lies outside of them, nearly all guesses at a plate. Means stay within
 * 0..maximum.
 */
export function perturb({ means }: Cells, deviation: number, maximum: number): void {
  const deviates = normalDeviates((4 * means.length) / 3)
  for (let cell = 0; cell < means.length / 3; cell++) {
    const [lightness, ...colours] = deviates.subarray(4 * cell, 4 * cell + 4)
    for (let c = 0; c < 3; c++) {
      means[3 * cell + c] = reflect(means[3 * cell + c] + deviation * (lightness + colours[c] / 4), maximum)
    }
  }
}

/**
 * Standard normal deviates from the operating system's secure generator (Box and Muller 1958).
 * `count` is even.
 */
function normalDeviates(count: number): Float64Array {
  const uniform = randomFillSync(new Uint32Array(count))
  const deviates = new Float64Array(count)
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((uniform[i] + 1) / 2 ** 32))
    const angle = (2 * Math.PI * uniform[i + 1]) / 2 ** 32
    deviates[i] = radius * Math.cos(angle)
    deviates[i + 1] = radius * Math.sin(angle)
  }
  return deviates
}

/**
 * Values outside 0..maximum are reflected: clamping would reveal that the value is near the end.
 */
function reflect(value: number, maximum: number): number {
  const inside = value < 0 ? -value : value > maximum ? 2 * maximum - value : value
  return Math.min(maximum, Math.max(0, inside))
}

/**
 * Leaves every cell its lightness (luma, ITU-R BT.601) and gives all of them the mean colour, which
 * noise that moves lightness most would hide least.
 */
export function levelColours({ means }: Cells): void {
  const count = means.length / 3
  const average = [0, 0, 0]
  for (let i = 0; i < means.length; i++) average[i % 3] += means[i] / count
  const averageLuma = lumaOf(average, 0)
  for (let cell = 0; cell < count; cell++) {
    const difference = lumaOf(means, 3 * cell) - averageLuma
    for (let c = 0; c < 3; c++) means[3 * cell + c] = average[c] + difference
  }
}

function lumaOf(colours: ArrayLike<number>, at: number): number {
  return 0.299 * colours[at] + 0.587 * colours[at + 1] + 0.114 * colours[at + 2]
}

/** Each pixel in its cell's colour. */
export function mosaic({ rect, columns, rows, means }: Cells): PaintRow {
  const [left, top, right, bottom] = rect
  const columnOf = cellOfEach(right - left, columns)
  const rowOf = cellOfEach(bottom - top, rows)
  return (y, from, to, row) => {
    const line = rowOf[y - top] * columns
    for (let x = from, i = 0; x < to; x++, i += 3) {
      const mean = 3 * (line + columnOf[x - left])
      row[i] = means[mean]
      row[i + 1] = means[mean + 1]
      row[i + 2] = means[mean + 2]
    }
  }
}

/** The cell of each pixel along a side. */
function cellOfEach(length: number, count: number): Uint32Array {
  const cells = new Uint32Array(length)
  for (let i = 0; i < count; i++) cells.fill(i, edge(i, length, count), edge(i + 1, length, count))
  return cells
}

/**
 * The cells smoothed by a uniform cubic B-spline through their centres: looks like a wide Gaussian
 * blur and holds no more than the cells. Where it ends the outermost cells are repeated.
 */
export function smooth({ rect, columns, rows, means }: Cells): PaintRow {
  const [left, top, right, bottom] = rect
  const line = new Float64Array(3 * columns)
  return (y, from, to, row) => {
    const position = ((y - top + 0.5) * rows) / (bottom - top) - 0.5
    mixRows(means, rows, position, line)
    const step = columns / (right - left)
    spread(line, (from - left + 0.5) * step - 0.5, step, to - from, row)
  }
}

/** One line of cells between the rows of cells: position 0 is the centre of the first row. */
function mixRows(means: Float32Array, rows: number, position: number, line: Float64Array): void {
  const first = Math.floor(position) - 1
  const t = position - first - 1
  const weights = [(1 - t) ** 3 / 6, (3 * t ** 3 - 6 * t ** 2 + 4) / 6, (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6, t ** 3 / 6]
  line.fill(0)
  for (let k = 0; k < 4; k++) {
    const start = within(first + k, rows) * line.length
    for (let i = 0; i < line.length; i++) line[i] += weights[k] * means[start + i]
  }
}

/**
 * Spreads a line of cells over `count` pixels, the first at `position` (0 is the centre of the
 * first cell), the others each `step` further. Between two centres each colour is one cubic, and
 * its pixels follow from each other by forward differences: three additions instead of four
 * products.
 */
function spread(line: Float64Array, position: number, step: number, count: number, row: Float32Array): void {
  const columns = line.length / 3
  for (let x = 0; x < count; ) {
    const cell = Math.floor(position + x * step)
    const t = position + x * step - cell
    const end = Math.min(count, Math.max(x + 1, Math.ceil((cell + 1 - position) / step)))
    for (let c = 0; c < 3; c++) {
      const p0 = line[3 * within(cell - 1, columns) + c]
      const p1 = line[3 * within(cell, columns) + c]
      const p2 = line[3 * within(cell + 1, columns) + c]
      const p3 = line[3 * within(cell + 2, columns) + c]
      const c1 = (p2 - p0) / 2
      const c2 = (p0 - 2 * p1 + p2) / 2
      const c3 = (p3 - 3 * p2 + 3 * p1 - p0) / 6
      let value = (p0 + 4 * p1 + p2) / 6 + t * (c1 + t * (c2 + t * c3))
      let first = step * (c1 + c2 * (2 * t + step) + c3 * (3 * t * t + 3 * t * step + step * step))
      let second = step * step * (2 * c2 + 6 * c3 * (t + step))
      const third = step * step * step * 6 * c3
      for (let i = 3 * x + c; i < 3 * end; i += 3) {
        row[i] = value
        value += first
        first += second
        second += third
      }
    }
    x = end
  }
}

function within(cell: number, count: number): number {
  return Math.min(count - 1, Math.max(0, cell))
}
