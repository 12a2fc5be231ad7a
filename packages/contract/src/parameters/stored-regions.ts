/**
 * Reads detected regions from the file that an engine process made. It decoded an untrusted image:
 * if that took it over, the file may hold anything.
 */
import { jsonSize } from './json-size.js'
import { CLASSES, type ObjectClass } from './parameters.js'
import type { StoredRegion, StoredView } from './regions.js'
import { type Box, isCoordinate, isRow, type Point, type RowMask } from './shapes.js'

/** A file of regions that no engine process makes unless it was taken over. */
export class RegionsError extends Error {
  override readonly name = 'RegionsError'
}

/** Bytes of a file: a hundred times what an image of a crowd needs. */
export const MAX_REGIONS_BYTES = 16 * 1024 ** 2
/** An image with very many regions may have more values, and cannot be corrected then. */
const MAX_VALUES = 1_000_000
/** Regions, region, mask, rows, row. */
const MAX_DEPTH = 5
const SHAPES = ['superellipse', 'rectangle', 'outline'] as const

interface Size {
  width: number
  height: number
}
type Fields = Record<string, unknown>

/** Whether a file of regions has a size that {@link readRegions} accepts. */
export function canStoreRegions(file: Uint8Array): boolean {
  if (file.length > MAX_REGIONS_BYTES) return false
  const { depth, values } = jsonSize(file)
  return depth <= MAX_DEPTH && values <= MAX_VALUES
}

/**
 * Reads the regions that were detected in an image of the given size. Unknown fields are left out.
 * @throws RegionsError
 */
export function readRegions(file: Uint8Array, size: Size): StoredRegion[] {
  if (!canStoreRegions(file)) throw new RegionsError('The file of regions is too large.')
  const regions = parsed(file)
  if (!Array.isArray(regions)) throw new RegionsError('The file of regions is not a list.')
  return regions.map((region, id) => readRegion(region, id, size))
}

function parsed(file: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file))
  } catch (error) {
    throw new RegionsError('The file of regions is not JSON.', { cause: error })
  }
}

function readRegion(value: unknown, id: number, size: Size): StoredRegion {
  const fields = fieldsOf(value)
  const { class: name, score, box, shape, mask, view, source } = fields
  const isRegion =
    fields.id === id &&
    source === 'detector' &&
    isOneOf(CLASSES, name) &&
    isOneOf(SHAPES, shape) &&
    isFraction(score) &&
    isBox(box) &&
    (mask === undefined || isMask(mask, size)) &&
    (view === undefined || isView(view))
  if (!isRegion) throw new RegionsError(`Region ${id} of the file of regions is invalid.`)
  return {
    ...{ id, class: name as ObjectClass, score: score as number, box: box as Box, source: 'detector' },
    shape: shape as StoredRegion['shape'],
    ...(mask !== undefined && { mask: { top: (mask as RowMask).top, rows: (mask as RowMask).rows } }),
    ...(view !== undefined && { view: copyOf(view as StoredView) }),
  }
}

function copyOf(view: StoredView): StoredView {
  if (!('camera' in view)) return { box: view.box, left: view.left }
  const { yaw, pitch, focal, centre } = view.camera
  return { box: view.box, camera: { yaw, pitch, focal, centre } }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return words.includes(value as string)
}

function isFraction(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1
}

function isListOf(length: number, value: unknown): value is number[] {
  return Array.isArray(value) && value.length === length && value.every(isCoordinate)
}

function isBox(value: unknown): value is Box {
  return isListOf(4, value)
}

function isPoint(value: unknown): value is Point {
  return isListOf(2, value)
}

function isMask(value: unknown, { width, height }: Size): value is RowMask {
  const { top, rows } = fieldsOf(value)
  return (
    Number.isSafeInteger(top) &&
    (top as number) >= 0 &&
    Array.isArray(rows) &&
    (top as number) + rows.length <= height &&
    rows.every(row => isRow(row, width))
  )
}

function isView(value: unknown): value is StoredView {
  const { box, camera, left } = fieldsOf(value)
  if (!isBox(box)) return false
  if (camera === undefined) return isCoordinate(left)
  const { yaw, pitch, focal, centre } = fieldsOf(camera)
  return [yaw, pitch, focal].every(isCoordinate) && isPoint(centre)
}
