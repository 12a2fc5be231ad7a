import { ContractError } from '../errors.js'
import { type RawBody, readJsonBody } from '../json-body.js'
import { AREA_METHODS, type AreaMethod } from '../parameters/areas.js'
import type { TaskParameters } from '../parameters/parameters.js'
import { REGION_CLASSES, type RegionClass, type StoredRegion } from '../parameters/regions.js'
import { type Box, type Point, readBox, readMask, readPolygon } from '../parameters/shapes.js'
import { ValueError } from '../parameters/value-error.js'
import type { ValueRules } from '../values.js'
import { readChangedParameters } from './changed-parameters.js'

/** Of the upright image, in pixels. */
interface Size {
  width: number
  height: number
}

/** A region that a user has drawn; it gets its ID when the correction is accepted. */
export type DrawnRegion = Omit<StoredRegion, 'id'>

/** A change of one region; `method` null: the task's. */
export interface RegionChange {
  id: number
  class?: RegionClass
  method?: AreaMethod | null
}

/** What a user wants to be different. */
export interface Correction {
  remove: number[]
  add: DrawnRegion[]
  change: RegionChange[]
  parameters: Partial<TaskParameters>
  /** Go back to this revision; everything else is empty. */
  revert?: number
}

const KEYS = ['remove', 'add', 'change', 'parameters', 'revert']
/** Entries of one list: more than any image needs. */
const MAX_ENTRIES = 10_000

/**
 * Reads the body of POST /v2/task/{id}/corrections for an image of the given size.
 * @throws ContractError correctionRefused with the first error
 */
export function readCorrection(body: RawBody, size: Size, rules: ValueRules): Correction {
  const json = readJsonBody(body)
  if (json.kind === 'empty') throw new ContractError('correctionRefused', { cause: 'Please add a JSON body.' })
  if (json.kind === 'wrong') throw new ContractError('correctionRefused', { cause: json.cause })
  try {
    return readParts(json.value, size, rules)
  } catch (error) {
    throw error instanceof ValueError ? new ContractError('correctionRefused', { cause: error.message }) : error
  }
}

function readParts(body: Record<string, unknown>, size: Size, rules: ValueRules): Correction {
  const keys = Object.keys(body)
  if (keys.length === 0 || keys.some(key => !KEYS.includes(key)))
    throw new ValueError(`The body must have some of ${KEYS.join(', ')}, and nothing else.`)
  const { revert } = body
  if (revert !== undefined && (keys.length > 1 || !Number.isSafeInteger(revert) || (revert as number) < 0))
    throw new ValueError('revert must be the number of a revision, and nothing else can be changed with it.')
  return {
    remove: list(body, 'remove').map(readId),
    add: list(body, 'add').map((region, index) => readDrawn(fieldsOf(region), size, `Region ${index}`)),
    change: list(body, 'change').map(change => readChange(fieldsOf(change))),
    parameters: readChangedParameters(fieldsOf(body.parameters ?? {}), rules),
    revert: revert as number | undefined,
  }
}

function list(body: Record<string, unknown>, key: string): unknown[] {
  const value = body[key] ?? []
  if (!Array.isArray(value) || value.length > MAX_ENTRIES)
    throw new ValueError(`${key} must be a list of at most ${MAX_ENTRIES}.`)
  return value
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ValueError('Entries of add and change, and parameters, must be objects.')
  return value as Record<string, unknown>
}

function readId(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new ValueError('The ID of a region must be a whole number.')
  return value as number
}

function readDrawn(given: Record<string, unknown>, size: Size, name: string): DrawnRegion {
  const { class: word, method, box, polygon, mask, ...others } = given
  const shapes = [box, polygon, mask].filter(shape => shape !== undefined)
  if (Object.keys(others).length > 0 || shapes.length !== 1)
    throw new ValueError(`${name} must have a class, exactly one of box, polygon and mask, and may have a method.`)
  const common = {
    class: oneOf(REGION_CLASSES, word, 'class'),
    score: 1,
    source: 'user',
    ...(method !== undefined && { method: oneOf(AREA_METHODS, method, 'method') }),
  } as const
  if (box !== undefined) return { ...common, shape: 'rectangle', box: insideOf(readBox(box, name), size, name) }
  if (polygon !== undefined) {
    const points = readPolygon(polygon, name)
    return { ...common, shape: 'outline', box: insideOf(boxAround(points), size, name), polygon: points }
  }
  const rows = readMask(mask, size, name)
  const columns = rows.rows.filter(row => row.length > 0)
  const left = Math.min(...columns.map(row => row[0]))
  const right = Math.max(...columns.map(row => row[row.length - 1]))
  return { ...common, shape: 'outline', box: [left, rows.top, right, rows.top + rows.rows.length], mask: rows }
}

// A region that lies partly outside was meant for another image, or for the other side of a
// panorama's seam: nothing of it may be left out silently.
function insideOf(box: Box, { width, height }: Size, name: string): Box {
  if (box[0] < 0 || box[1] < 0 || box[2] > width || box[3] > height)
    throw new ValueError(`${name} must lie inside the image of ${width} x ${height} pixels.`)
  return box
}

function boxAround(points: readonly Point[]): Box {
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

function readChange({ id, class: word, method, ...others }: Record<string, unknown>): RegionChange {
  if (Object.keys(others).length > 0 || (word === undefined && method === undefined))
    throw new ValueError('A change must have an id and a class or a method, and nothing else.')
  return {
    id: readId(id),
    ...(word !== undefined && { class: oneOf(REGION_CLASSES, word, 'class') }),
    ...(method !== undefined && { method: method === null ? null : oneOf(AREA_METHODS, method, 'method') }),
  }
}

function oneOf<Word extends string>(words: readonly Word[], value: unknown, what: string): Word {
  const word = words.find(allowed => allowed === value)
  if (word === undefined) throw new ValueError(`The ${what} of a region must be one of ${words.join(', ')}.`)
  return word
}
