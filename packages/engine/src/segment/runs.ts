/** Region masks as runs: building them row by row, cutting areas out, counting. */

import type { IgnoreArea } from '@obscura/contract/parameters'
import type { RegionMask } from '../detection.js'
import type { Box, Size } from '../geometry.js'

/** Columns start..end, end exclusive. */
export type Run = readonly [start: number, end: number]

/**
 * Builds a mask from the runs of each row top..bottom (bottom exclusive). Rows and runs are clipped
 * to the image, empty runs dropped.
 * @param runsOf ascending runs of an image row in whole pixels.
 */
export function maskOfRows(top: number, bottom: number, size: Size, runsOf: (y: number) => Iterable<Run>): RegionMask {
  const first = Math.min(Math.max(0, top), size.height)
  const last = Math.max(first, Math.min(size.height, bottom))
  const offsets = new Uint32Array(last - first + 1)
  const runs: number[] = []
  for (let y = first; y < last; y++) {
    for (const [start, end] of runsOf(y)) {
      const from = Math.max(0, start)
      const to = Math.min(size.width, end)
      if (from < to) runs.push(from, to)
    }
    offsets[y - first + 1] = runs.length / 2
  }
  return { top: first, bottom: last, offsets, runs: Uint32Array.from(runs) }
}

/** The runs of one image row of a mask; none outside the mask's rows. */
export function* runsOfRow(mask: RegionMask, y: number): Generator<Run> {
  if (y < mask.top || y >= mask.bottom) return
  for (let i = mask.offsets[y - mask.top]; i < mask.offsets[y - mask.top + 1]; i++) yield [mask.runs[2 * i], mask.runs[2 * i + 1]]
}

/**
 * Number of pixels of a mask, of those inside `box` when it is given (its sides rounded to whole
 * pixels).
 */
export function pixelCount(mask: RegionMask, box: Box = [0, 0, Infinity, Infinity]): number {
  const [x1, y1, x2, y2] = box.map(Math.round)
  let count = 0
  for (let y = Math.max(mask.top, y1); y < Math.min(mask.bottom, y2); y++) {
    for (const [start, end] of runsOfRow(mask, y)) count += Math.max(0, Math.min(end, x2) - Math.max(start, x1))
  }
  return count
}

/** What is left of a mask when the ignore areas (sides rounded to whole pixels) are cut out. */
export function withoutAreas(mask: RegionMask, areas: readonly IgnoreArea[], size: Size): RegionMask {
  if (areas.length === 0) return mask
  return maskOfRows(mask.top, mask.bottom, size, y => {
    const holes = ignoredRuns(areas, y)
    return [...runsOfRow(mask, y)].flatMap(run => cut(run, holes))
  })
}

/**
 * The columns of an image row that lie inside ignore areas, from left to right; they may overlap.
 */
export function ignoredRuns(areas: readonly IgnoreArea[], y: number): Run[] {
  return areas
    .filter(area => y >= Math.round(area.topLeftY) && y < Math.round(area.topLeftY + area.height))
    .map((area): Run => [Math.round(area.topLeftX), Math.round(area.topLeftX + area.width)])
    .sort((a, b) => a[0] - b[0])
}

/** The pixels that belong to one of two masks or to both. */
export function union(a: RegionMask, b: RegionMask, size: Size): RegionMask {
  return maskOfRows(Math.min(a.top, b.top), Math.max(a.bottom, b.bottom), size, y =>
    joined([...runsOfRow(a, y), ...runsOfRow(b, y)].sort((first, second) => first[0] - second[0])),
  )
}

/** Runs, sorted by their start, with those that touch made one. */
function joined(runs: readonly Run[]): Run[] {
  const result: [number, number][] = []
  for (const [start, end] of runs) {
    const last = result.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else result.push([start, end])
  }
  return result
}

/** The parts of a run outside the holes, which are sorted by their start. */
function cut([start, end]: Run, holes: readonly Run[]): Run[] {
  const parts: Run[] = []
  let from = start
  for (const [holeStart, holeEnd] of holes) {
    if (holeStart > from) parts.push([from, Math.min(holeStart, end)])
    from = Math.max(from, holeEnd)
  }
  parts.push([from, end])
  return parts.filter(([a, b]) => a < b)
}
