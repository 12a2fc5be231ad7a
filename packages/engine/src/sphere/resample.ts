import type { Box } from '../geometry.js'
import { blankSamples, type Pixels } from '../image.js'
import { modulo, type Projection, shortWay } from './projection.js'

/** Whatever holds samples: a raster (three channels) or pixels. */
type Source<Data extends Samples> = Omit<Pixels, 'data'> & { data: Data }
type Samples = Uint8Array | Uint16Array

/** Px of a block whose places are interpolated between its corners. */
const BLOCK = 8

/**
 * A block that is further across in the image than this fraction of its width lies at a pole: there
 * every px is computed.
 */
const MAX_BLOCK_STEP = 0.01

/**
 * The part `part` (whole px) of a view as H x W x 3 RGB samples, taken bilinearly from the
 * panorama. Columns go round, rows beyond a pole repeat the last one.
 */
export function resample<Data extends Samples>(source: Source<Data>, view: Projection, part: Box): Data {
  const [left, top, right, bottom] = part
  const width = right - left
  const height = bottom - top
  const out = blankSamples(source.data, width * height * 3)
  const columns = Math.ceil(width / BLOCK) + 1
  let above = places(view, left, top, columns)
  for (let y = 0; y < height; y += BLOCK) {
    const below = places(view, left, top + y + BLOCK, columns)
    const rows = Math.min(BLOCK, height - y)
    for (let x = 0, i = 0; x < width; x += BLOCK, i += 2) {
      const block = blockOf(above, below, i, source.width)
      const count = Math.min(BLOCK, width - x)
      for (let row = 0; row < rows; row++) {
        const to = 3 * ((y + row) * width + x)
        if (block) {
          const t = row / BLOCK
          fillLine(
            source,
            block.x + t * block.downX,
            block.y + t * block.downY,
            block.dx + t * block.turnX,
            block.dy + t * block.turnY,
            count,
            out,
            to,
          )
        } else {
          for (let u = 0; u < count; u++) {
            const [px, py] = view.toImage(left + x + u + 0.5, top + y + row + 0.5)
            fillLine(source, px, py, 0, 0, 1, out, to + 3 * u)
          }
        }
      }
    }
    above = below
  }
  return out
}

/** Places in the image of the centres of every eighth px of a row of the view: x, y, x, y, ... */
function places(view: Projection, left: number, row: number, count: number): Float64Array {
  const points = new Float64Array(2 * count)
  for (let i = 0; i < count; i++) {
    const [x, y] = view.toImage(left + i * BLOCK + 0.5, row + 0.5)
    points[2 * i] = x
    points[2 * i + 1] = y
  }
  return points
}

/**
 * Where the px of a block lie in the image, bilinearly between its corners: its first px; from
 * there the way to the block below; the way from a px of the first row to the next one, and how
 * that changes down to the block below. Undefined at a pole.
 */
function blockOf(above: Float64Array, below: Float64Array, i: number, width: number) {
  const x = above[i]
  const y = above[i + 1]
  const across = shortWay(above[i + 2] - x, width)
  const downX = shortWay(below[i] - x, width)
  const farX = shortWay(below[i + 2] - x, width)
  if (Math.max(Math.abs(across), Math.abs(downX), Math.abs(farX)) > Math.max(2 * BLOCK, MAX_BLOCK_STEP * width)) return undefined
  const downY = below[i + 1] - y
  const dx = across / BLOCK
  const dy = (above[i + 3] - y) / BLOCK
  return { x, y, downX, downY, dx, dy, turnX: (farX - downX) / BLOCK - dx, turnY: (below[i + 3] - below[i + 1]) / BLOCK - dy }
}

/** Writes `count` px that begin at (x, y) in the image and lie (dx, dy) apart. */
function fillLine<Data extends Samples>(
  { width, height, channels, data }: Source<Data>,
  x: number,
  y: number,
  dx: number,
  dy: number,
  count: number,
  out: Data,
  to: number,
): void {
  for (let i = 0; i < count; i++, to += 3) {
    let column = x - 0.5 + i * dx
    if (!(column >= 0 && column < width)) column = modulo(column, width)
    const row = Math.min(height - 1, Math.max(0, y - 0.5 + i * dy))
    // Positive: cutting the fraction off rounds down.
    const x0 = column | 0
    const y0 = row | 0
    const s = column - x0
    const t = row - y0
    const a = (y0 * width + x0) * channels
    const b = x0 + 1 < width ? a + channels : a - x0 * channels
    const down = y0 + 1 < height ? width * channels : 0
    for (let c = 0; c < 3; c++) {
      const upper = data[a + c] + s * (data[b + c] - data[a + c])
      const lower = data[a + down + c] + s * (data[b + down + c] - data[a + down + c])
      out[to + c] = upper + t * (lower - upper) + 0.5
    }
  }
}
