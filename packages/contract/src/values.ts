import { isStorable } from './json-body.js'
import { parseAreas, readAreas } from './parameters/areas.js'
import { parseFormat, readGrid } from './parameters/format.js'
import { parseIgnores, readIgnores } from './parameters/ignores.js'
import type { ParameterName, ParameterSchema } from './parameters/parameters.js'
import { ValueError } from './parameters/value-error.js'

/** Rules that an operator can relax. */
export interface ValueRules {
  /** Accept webhooks over plain http as well. */
  plainHttpWebhooks: boolean
  /** The profiles that tasks can choose. Absent: any name, which the engine may refuse. */
  profiles?: readonly string[]
}

type Value = boolean | number | string | null
type Reader = (value: unknown, schema: ParameterSchema, rules: ValueRules) => Value | undefined

/**
 * Reads the value of a parameter as sent by a client.
 * @returns the value to store and echo; undefined for a wrong type or a word that is not allowed
 * @throws ValueError with a sentence about an invalid value of the right type
 */
export function readValue(name: ParameterName, schema: ParameterSchema, value: unknown, rules: ValueRules): Value | undefined {
  return (SPECIAL[name] ?? reader(schema))(value, schema, rules)
}

const SPECIAL: Partial<Record<ParameterName, Reader>> = {
  format: readFormat,
  ignores: value => readList(value, parseIgnores, readIgnores),
  areas: value => readList(value, parseAreas, readAreas),
  webhook: readWebhook,
  profile: readProfile,
}

function reader(schema: ParameterSchema): Reader {
  if (schema.enum) return value => schema.enum?.find(word => word === value)
  if (schema.type === 'boolean') return value => (typeof value === 'boolean' ? value : undefined)
  return schema.type === 'number' ? readNumber : readText
}

/** Maximum length of a number in characters. */
const MAX_NUMBER_LENGTH = 64
/** Maximum length of a grid. */
const MAX_FORMAT_LENGTH = 1000
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

/** Numbers are sent as JSON numbers or, as GET task returns them, as decimal text. */
function readNumber(value: unknown, { minimum, maximum, exclusiveMaximum }: ParameterSchema): number | undefined {
  const number = typeof value === 'string' ? readDecimal(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  if (maximum !== undefined && (number < minimum! || number > maximum)) {
    throw new ValueError(`It must be between ${minimum} and ${maximum}.`)
  }
  if (exclusiveMaximum !== undefined && (number < minimum! || number >= exclusiveMaximum)) {
    throw new ValueError(`It must be at least ${minimum} and below ${exclusiveMaximum}.`)
  }
  return number
}

function readDecimal(text: string): number | undefined {
  return text.length <= MAX_NUMBER_LENGTH && DECIMAL.test(text.trim()) ? Number(text) : undefined
}

function readText(value: unknown, { maxLength }: ParameterSchema): string | null | undefined {
  if (value === null) return null
  if (typeof value !== 'string') return undefined
  if (value.length > maxLength!) throw new ValueError(`It must have at most ${maxLength} characters.`)
  return isStorable(value) ? value : undefined
}

function readFormat(value: unknown): string | undefined {
  if (typeof value === 'string') return isFormat(value) ? value : undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return JSON.stringify(readGrid(value as Record<string, unknown>))
}

function isFormat(text: string): boolean {
  return text.length <= MAX_FORMAT_LENGTH && isStorable(text) && parseFormat(text) !== undefined
}

/** A list as JSON text, which is stored as it is, or as a JSON value. */
function readList(
  value: unknown,
  parse: (text: string) => unknown,
  read: (list: readonly unknown[]) => unknown,
): string | undefined {
  if (typeof value === 'string') {
    if (!isStorable(value)) return undefined
    parse(value)
    return value
  }
  return Array.isArray(value) ? JSON.stringify(read(value)) : undefined
}

function readWebhook(value: unknown, schema: ParameterSchema, { plainHttpWebhooks }: ValueRules): string | null | undefined {
  const text = readText(value, schema)
  if (text === undefined) return undefined
  if (text === null || text === '') return null
  if (!URL.canParse(text)) throw new ValueError('It is not a URL.')
  const { protocol } = new URL(text)
  if (protocol === 'https:' || (protocol === 'http:' && plainHttpWebhooks)) return text
  throw new ValueError('Only https URLs are accepted.')
}

/** Profiles are named like the files that define them. */
const PROFILE_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/

function readProfile(value: unknown, _schema: ParameterSchema, { profiles }: ValueRules): string | null | undefined {
  if (value === null || value === '') return null
  if (typeof value !== 'string' || !PROFILE_NAME.test(value)) return undefined
  if (profiles && !profiles.includes(value)) throw new ValueError(`There is no such profile; there are ${profiles.join(', ')}.`)
  return value
}
