/** Images whose pixels show what was rendered. */
import { DEFAULT_PARAMETERS, type EngineParameters, type IgnoreArea } from '@obscura/contract/parameters'
import type { Detection, Region } from '../detection.js'
import type { Box } from '../geometry.js'
import type { Pixels } from '../image.js'
import { render } from '../render/render.js'
import { runsOfRow } from '../segment/runs.js'
import { segment } from '../segment/segment.js'

/**
 * Every sample is 0 or the maximum, at random: a mean of several pixels is neither, so a pixel that
 * keeps its value is seen.
 */
export function texture(width: number, height: number, channels: 3 | 4 = 3, deep = false): Pixels {
  const length = width * height * channels
  const data = deep ? new Uint16Array(length) : new Uint8Array(length)
  let state = 12345
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    data[i] = state >>> 31 ? (deep ? 65535 : 255) : 0
  }
  return { width, height, channels, data }
}

/** The regions of detections, without a network for outlines. */
export async function regionsOf(
  pixels: Pixels,
  detections: Detection[],
  options: { bbox?: boolean; ignores?: IgnoreArea[] } = {},
) {
  const raster = { width: pixels.width, height: pixels.height, data: new Uint8Array() }
  return segment(raster, detections, { bbox: options.bbox ?? false, ignores: options.ignores ?? [] })
}

/** A copy of the pixels with the regions rendered. */
export function rendered(pixels: Pixels, regions: Region[], parameters: Partial<EngineParameters> = {}): Pixels {
  const copy = { ...pixels, data: pixels.data.slice() }
  render(copy, regions, { ...DEFAULT_PARAMETERS, ...parameters })
  return copy
}

/** RGB of a pixel. */
export function colour({ data, width, channels }: Pixels, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * channels, (y * width + x) * channels + 3)]
}

/** Whether a pixel has the same colour in both images. */
export function sameColour(before: Pixels, after: Pixels, x: number, y: number): boolean {
  const sample = (y * before.width + x) * before.channels
  return [0, 1, 2].every(c => before.data[sample + c] === after.data[sample + c])
}

/** Whether all samples are the same. */
export function identical(before: Pixels, after: Pixels): boolean {
  return after.data.every((value, i) => value === before.data[i])
}

/** Whether a pixel belongs to one of the regions. */
export function isCovered(regions: Region[], x: number, y: number): boolean {
  return regions.some(({ mask }) => [...runsOfRow(mask, y)].some(([start, end]) => x >= start && x < end))
}

/** Whether a pixel lies in a box. */
export function isInside([x1, y1, x2, y2]: Box, x: number, y: number): boolean {
  return x >= x1 && x < x2 && y >= y1 && y < y2
}
