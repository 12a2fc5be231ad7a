import { parseJsonList } from './json-list.js'
import type { Method } from './parameters.js'
import { type Box, type Point, readBox, readPolygon } from './shapes.js'
import { ValueError } from './value-error.js'

/** An area that is anonymized in every image, whatever is detected. */
export type Area = FlatArea | PoleArea

/** A shape in the image, with a method instead of that of the task. */
export type FlatArea = { method?: AreaMethod } & ({ box: Box; unit: AreaUnit } | { polygon: readonly Point[]; unit: AreaUnit })

/** Degrees around the lower or upper pole of a panorama. `logo`: the customer's, over a blur. */
export type PoleArea = { method?: AreaMethod | 'logo' } & ({ nadir: number } | { zenith: number })

/** Of coordinates: pixels of the upright image, or percent of its width and height. */
export type AreaUnit = 'pixels' | 'percent'

/** Methods that change pixels. */
export type AreaMethod = Exclude<Method, 'detect'>

export const AREA_METHODS: readonly AreaMethod[] = ['blur', 'pixelate', 'blacken']
const POLE_METHODS = [...AREA_METHODS, 'logo'] as const

/** Bytes of the file of a customer's logo. */
export const MAX_LOGO_BYTES = 1024 ** 2

const UNITS: readonly AreaUnit[] = ['pixels', 'percent']
const SHAPES = ['box', 'polygon', 'nadir', 'zenith'] as const
const KEYS: readonly string[] = [...SHAPES, 'unit', 'method']

export const MAX_AREAS = 100
/** Degrees: a larger circle around a pole would be distorted beyond use. */
const MAX_DEGREES = 45

/**
 * Reads the `areas` parameter's text: JSON, a list of areas; empty text means none.
 * @throws ValueError with a sentence about the first error
 */
export function parseAreas(text: string): Area[] {
  return readAreas(parseJsonList(text, `objects with one of ${SHAPES.join(', ')}`))
}

/** Reads a list of areas that was given as a JSON value. @throws like {@link parseAreas} */
export function readAreas(areas: readonly unknown[]): Area[] {
  if (areas.length > MAX_AREAS) throw new ValueError(`There may be at most ${MAX_AREAS} areas.`)
  return areas.map((area, index) => readArea(area, `Area ${index}`))
}

function readArea(given: unknown, name: string): Area {
  const area = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>
  const other = Object.keys(area).find(key => !KEYS.includes(key))
  if (other !== undefined) throw new ValueError(`${name} has an unknown field; allowed: ${KEYS.join(', ')}.`)
  const shapes = SHAPES.filter(shape => area[shape] !== undefined)
  if (shapes.length !== 1) throw new ValueError(`${name} must have exactly one of ${SHAPES.join(', ')}.`)
  const unit = readWord(area.unit, UNITS, `The unit of ${name.toLowerCase()}`) ?? 'pixels'
  const value = area[shapes[0]]
  const what = `The method of ${name.toLowerCase()}`
  if (shapes[0] === 'box' || shapes[0] === 'polygon') {
    const method = readWord(area.method, AREA_METHODS, what)
    const shape = shapes[0] === 'box' ? { box: readBox(value, name) } : { polygon: readPolygon(value, name) }
    return { ...shape, unit, ...(method && { method }) }
  }
  const method = readWord(area.method, POLE_METHODS, what)
  return { ...readPole(shapes[0], value, name), ...(method && { method }) }
}

function readPole(shape: 'nadir' | 'zenith', value: unknown, name: string): PoleArea {
  if (typeof value !== 'number' || !(value > 0 && value <= MAX_DEGREES))
    throw new ValueError(`${name} must have a ${shape} above 0 and up to ${MAX_DEGREES} degrees.`)
  return shape === 'nadir' ? { nadir: value } : { zenith: value }
}

function readWord<Word extends string>(value: unknown, words: readonly Word[], what: string): Word | undefined {
  if (value === undefined) return undefined
  const word = words.find(allowed => allowed === value)
  if (word === undefined) throw new ValueError(`${what} must be one of ${words.join(', ')}.`)
  return word
}
