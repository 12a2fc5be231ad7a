/** Regions as they are stored, and back. */
import type { RowMask, StoredRegion, StoredView } from '@obscura/contract/parameters'
import type { Region, RegionMask, ViewBox } from '../detection.js'
import type { Size } from '../geometry.js'
import { polygon } from '../segment/polygon.js'
import { maskOfRows, type Run } from '../segment/runs.js'
import { rectangle } from '../segment/shape.js'
import { perspective, rolled } from '../sphere/projection.js'

/** A detected region as it is stored, before ignore areas are cut out of its mask. */
export function storedRegion({ class: name, score, box, shape, mask, seen }: Region, id: number): StoredRegion {
  return { id, class: name, score, box, source: 'detector', shape, mask: rowMask(mask), view: seen && storedView(seen) }
}

function storedView({ projection, box }: ViewBox): StoredView {
  return { box, ...projection.description }
}

function rowMask({ top, bottom, offsets, runs }: RegionMask): RowMask {
  const rows = Array.from({ length: bottom - top }, (_, i) => [...runs.subarray(2 * offsets[i], 2 * offsets[i + 1])])
  return { top, rows }
}

/**
 * A stored region in an image of the given size. What a user has drawn is anonymized inside ignore
 * areas as well.
 */
export function restoredRegion(stored: StoredRegion, size: Size): Region {
  const { id, class: name, score, box, shape, method, source } = stored
  return {
    id,
    class: name,
    score,
    box,
    shape,
    method,
    always: source === 'user',
    mask: maskOf(stored, size),
    seen: seenBy(stored, size),
  }
}

function maskOf({ box, mask, polygon: points }: StoredRegion, size: Size): RegionMask {
  if (mask) return maskOfRows(mask.top, mask.top + mask.rows.length, size, y => pairs(mask.rows[y - mask.top]))
  return points ? polygon(points, size) : rectangle(box, size)
}

function pairs(columns: readonly number[]): Run[] {
  return Array.from({ length: columns.length / 2 }, (_, i): Run => [columns[2 * i], columns[2 * i + 1]])
}

function seenBy({ view }: StoredRegion, size: Size): ViewBox | undefined {
  if (!view) return undefined
  return { box: view.box, projection: 'camera' in view ? perspective(size, view.camera) : rolled(size, view.left) }
}
