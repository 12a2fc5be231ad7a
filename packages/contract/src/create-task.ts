import { ContractError } from './errors.js'
import { type RawBody, readJsonBody } from './json-body.js'
import {
  CLASSES,
  PARAMETER_SCHEMAS,
  type ParameterName,
  type ParameterSchema,
  type TaskParameters,
} from './parameters/parameters.js'
import { ValueError } from './parameters/value-error.js'
import { readValue, type ValueRules } from './values.js'

/**
 * Reads the body of POST /v2/task: keys with hyphens or underscores, defaults filled in (those of
 * the caller first), every value checked.
 * @throws ContractError with the documented sentence for the first error
 */
export function readCreateTask(body: RawBody, rules: ValueRules, defaults: Partial<TaskParameters> = {}): TaskParameters {
  const json = readJsonBody(body)
  if (json.kind === 'empty') throw new ContractError('bodyMissing')
  if (json.kind === 'wrong') throw new ContractError('bodyIncorrect', { cause: json.cause })
  return withDefaults(readParameters(json.value, rules), defaults)
}

type Given = Map<ParameterName, unknown>

/** Old clients may send this; the type is read from the uploaded file. */
const IGNORED = 'mime_type'

function readParameters(body: Record<string, unknown>, rules: ValueRules): Given {
  const given: Given = new Map()
  for (const key of Object.keys(body)) {
    const name = key.replaceAll('-', '_') as ParameterName
    if (name === (IGNORED as string)) continue
    const schema = PARAMETER_SCHEMAS.get(name)
    if (!schema) throw new ContractError('parameterUnknown', { parameter: key })
    const read = readNamed(key, name, schema, body[key], rules)
    // The same parameter may appear in both spellings, if the values are equal.
    if (given.has(name) && given.get(name) !== read) throw new ContractError('valueUnexpected', { parameter: key })
    given.set(name, read)
  }
  return given
}

function readNamed(key: string, name: ParameterName, schema: ParameterSchema, value: unknown, rules: ValueRules): unknown {
  let read: unknown
  try {
    read = readValue(name, schema, value, rules)
  } catch (error) {
    throw error instanceof ValueError ? new ContractError('valueRefused', { parameter: key, cause: error.message }) : error
  }
  if (read === undefined) throw new ContractError('valueUnexpected', { parameter: key })
  return read
}

function withDefaults(given: Given, defaults: Partial<TaskParameters>): TaskParameters {
  if (!given.has('anonymization_method')) {
    throw new ContractError('bodyIncorrect', { cause: 'anonymization_method is required.' })
  }
  if (!CLASSES.some(name => given.get(name) === true)) {
    throw new ContractError('bodyIncorrect', { cause: 'At least one of face, license_plate, person or vehicle must be true.' })
  }
  const all = [...PARAMETER_SCHEMAS].map(([name, schema]) => [
    name,
    given.has(name) ? given.get(name) : (defaults[name] ?? schema.default),
  ])
  return Object.fromEntries(all) as TaskParameters
}
