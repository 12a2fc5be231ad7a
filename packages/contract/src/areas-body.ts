import { ContractError } from './errors.js'
import { type RawBody, readJsonBody } from './json-body.js'
import { type Area, readAreas } from './parameters/areas.js'
import { ValueError } from './parameters/value-error.js'

/**
 * Reads the body of PUT /v2/areas: `{"areas": [...]}`.
 * @throws ContractError areasRefused
 */
export function readAreasBody(body: RawBody): Area[] {
  const json = readJsonBody(body)
  if (json.kind === 'wrong') throw new ContractError('areasRefused', { cause: json.cause })
  const areas = json.kind === 'object' ? json.value.areas : undefined
  if (!Array.isArray(areas)) throw new ContractError('areasRefused', { cause: 'The body must be {"areas": [...]}.' })
  try {
    return readAreas(areas)
  } catch (error) {
    throw error instanceof ValueError ? new ContractError('areasRefused', { cause: error.message }) : error
  }
}
