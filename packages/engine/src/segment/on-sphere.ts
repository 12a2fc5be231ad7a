/** Between an image and a view of it in which an object of a panorama is seen undistorted. */
import type { RegionMask, ViewBox } from '../detection.js'
import { type Box, grow } from '../geometry.js'
import type { Raster } from '../image.js'
import { imageBox, type Projection } from '../sphere/projection.js'
import { resample } from '../sphere/resample.js'
import { maskOfRows, type Run, runsOfRow } from './runs.js'
import { roundOut } from './shape.js'

/**
 * What is shown around the box on each side, as a fraction of it: outlines are found with some of
 * the surroundings in view.
 */
const MARGIN = 0.25

/** A box in a flat image of its surroundings. */
export interface CloseUp {
  raster: Raster
  box: Box
  /** The pixels in the panorama that a mask of the image stands for. */
  toImage(mask: RegionMask): RegionMask
}

/** An object of a panorama in a flat image, at native resolution. */
export function closeUp(panorama: Raster, { projection, box }: ViewBox): CloseUp {
  const window = roundOut(grow(box, MARGIN, MARGIN))
  const [left, top, right, bottom] = window
  const data = resample({ ...panorama, channels: 3 }, projection, window)
  return {
    raster: { width: right - left, height: bottom - top, data },
    box: [box[0] - left, box[1] - top, box[2] - left, box[3] - top],
    toImage: mask => projectedBack(mask, projection, [left, top]),
  }
}

/**
 * A mask of a view whose first px is `origin` in the panorama: its pixels whose centres the view
 * shows inside the mask.
 */
export function projectedBack(mask: RegionMask, projection: Projection, [left, top]: readonly [number, number]): RegionMask {
  const { panorama } = projection
  if (mask.runs.length === 0) return maskOfRows(0, 0, panorama, () => [])
  const columns = mask.runs.reduce(([least, most], x) => [Math.min(least, x), Math.max(most, x)], [Infinity, 0])
  const [x1, y1, x2, y2] = roundOut(
    imageBox(projection, [left + columns[0], top + mask.top, left + columns[1], top + mask.bottom]),
  )
  const us = new Float64Array(Math.min(panorama.width, x2 - x1 + 1))
  const vs = new Float64Array(us.length)
  const inside = rasterized(mask, columns[1])
  return maskOfRows(y1, y2 + 1, panorama, y => {
    projection.rowToView(y, x1, us, vs)
    const runs: Run[] = []
    let start = -1
    for (let i = 0; i <= us.length; i++) {
      const isInside = i < us.length && inside(Math.floor(us[i]) - left, Math.floor(vs[i]) - top)
      if (isInside && start < 0) start = x1 + i
      if (!isInside && start >= 0) {
        runs.push([start, x1 + i])
        start = -1
      }
    }
    return wrapped(runs, panorama.width)
  })
}

function rasterized(mask: RegionMask, width: number): (x: number, y: number) => boolean {
  const pixels = new Uint8Array(width * (mask.bottom - mask.top))
  for (let y = mask.top; y < mask.bottom; y++) {
    const row = (y - mask.top) * width
    for (const [start, end] of runsOfRow(mask, y)) pixels.fill(1, row + start, row + end)
  }
  return (x, y) => x >= 0 && x < width && y >= mask.top && y < mask.bottom && pixels[(y - mask.top) * width + x] === 1
}

/** Runs of unwrapped columns as runs of the image, in ascending order. */
function wrapped(runs: readonly Run[], width: number): Run[] {
  const before: Run[] = []
  const behind: Run[] = []
  for (const [start, end] of runs) {
    if (start < width) before.push([start, Math.min(end, width)])
    if (end > width) behind.push([Math.max(start, width) - width, end - width])
  }
  return [...behind, ...before]
}
