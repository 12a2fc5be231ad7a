/**
 * Regions of a panorama that are not upright boxes of it: rendered in a view and projected back
 * onto the image.
 */

import type { EngineParameters } from '@obscura/contract/parameters'
import type { Region } from '../detection.js'
import { type Box, clip, grow } from '../geometry.js'
import { blankSamples, type Pixels } from '../image.js'
import { ignoredRuns, runsOfRow } from '../segment/runs.js'
import { roundOut } from '../segment/shape.js'
import { imageBox } from '../sphere/projection.js'
import { resample } from '../sphere/resample.js'
import type { PaintRow } from './cells.js'
import { type Coverage, falloff, fillRun, type Gradient, reachOf } from './coverage.js'

/**
 * Paints a part of a view that is given as flat pixels: the layer of `region`, over the rectangle
 * `rect`.
 */
export type PaintFlat = (region: Region, rect: Box, pixels: Pixels) => PaintRow

/**
 * How far an outline may reach beyond its box, as a fraction of that, and px around a region that a
 * cell may need to be large enough.
 */
const OUTLINE_REACH = 0.25
const SURROUNDINGS = 32

/**
 * What is painted where over such a region: one part, or two where the seam divides it. Sizes of
 * kernels and cells are those that the object has in its view, and both sides of the seam show one
 * and the same blur.
 */
export function partsOnSphere(
  region: Region,
  gradient: Gradient | undefined,
  pixels: Pixels,
  ignores: EngineParameters['ignores'],
  paintFlat: PaintFlat,
): { coverage: Coverage; layer: PaintRow }[] {
  const { projection, box } = region.seen!
  const reach = roundOut(gradient ? reachOf(box, region.shape, gradient) : grow(box, OUTLINE_REACH, OUTLINE_REACH))
  const view = paintedView(region, reach, pixels, paintFlat)
  const weigh = gradient && falloff(box, region.shape, gradient)
  const [x1, y1, x2, y2] = roundOut(imageBox(projection, reach))
  const rects: Box[] = [
    [x1, y1, Math.min(x2, pixels.width), y2],
    [0, y1, Math.min(x2 - pixels.width, x1), y2],
  ]
  return rects
    .map(rect => clip(rect, pixels))
    .filter(([left, , right]) => left < right)
    .map(rect => {
      const us = new Float64Array(rect[2] - rect[0])
      const vs = new Float64Array(us.length)
      const writeRow: Coverage['writeRow'] = (y, weights) => {
        projection.rowToView(y, rect[0], us, vs)
        weights.fill(0)
        // NaN, where the view shows nothing, weighs NaN: nothing as well.
        if (weigh) for (let i = 0; i < us.length; i++) weights[i] = weigh(us[i], vs[i]) || 0
        if (!gradient || gradient.stop === 0)
          for (const [from, to] of runsOfRow(region.mask, y)) fillRun(weights, 1, from, to, rect[0])
        for (const [from, to] of ignoredRuns(ignores, y)) fillRun(weights, 0, from, to, rect[0])
      }
      // Painting a row begins with its weights: the places are those of the same row.
      const layer: PaintRow = (_, from, to, row) => {
        for (let i = from - rect[0], j = 0; i < to - rect[0]; i++, j += 3) view.read(us[i], vs[i], row, j)
      }
      return { coverage: { rect, writeRow }, layer }
    })
}

/** A layer over the part `reach` (whole px) of a region's view, as an image. */
function paintedView(region: Region, reach: Box, pixels: Pixels, paintFlat: PaintFlat) {
  const { projection, box } = region.seen!
  const [left, top] = [reach[0] - SURROUNDINGS, reach[1] - SURROUNDINGS]
  const width = reach[2] - left + SURROUNDINGS
  const height = reach[3] - top + SURROUNDINGS
  const flat: Pixels = { width, height, channels: 3, data: resample(pixels, projection, [left, top, left + width, top + height]) }
  const rect: Box = [SURROUNDINGS, SURROUNDINGS, width - SURROUNDINGS, height - SURROUNDINGS]
  const [x1, y1, x2, y2] = box
  const layer = paintFlat({ ...region, box: [x1 - left, y1 - top, x2 - left, y2 - top] }, rect, flat)
  const columns = rect[2] - rect[0]
  const rows = rect[3] - rect[1]
  const line = new Float32Array(3 * columns)
  const painted = blankSamples(pixels.data, line.length * rows)
  for (let y = 0; y < rows; y++) {
    layer(rect[1] + y, rect[0], rect[2], line)
    // Storing cuts the fraction off: half a step more rounds.
    for (let i = 0, to = line.length * y; i < line.length; i++, to++) painted[to] = line[i] + 0.5
  }
  return {
    /** Copies the colour at a point of the view, or the nearest that there is. */
    read(u: number, v: number, row: Float32Array, at: number): void {
      const column = Math.min(columns - 1, Math.max(0, Math.floor(u) - reach[0])) || 0
      const line = Math.min(rows - 1, Math.max(0, Math.floor(v) - reach[1])) || 0
      const from = 3 * (line * columns + column)
      row[at] = painted[from]
      row[at + 1] = painted[from + 1]
      row[at + 2] = painted[from + 2]
    },
  }
}
