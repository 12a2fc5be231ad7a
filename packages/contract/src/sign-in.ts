import { ContractError } from './errors.js'
import { isStorable, type RawBody, readJsonBody } from './json-body.js'

/** The body of POST /v2/signin. */
export interface Credentials {
  username: string
  password: string
}

/** Reads the body of POST /v2/signin. @throws ContractError in the form of AWS Cognito */
export function readCredentials(body: RawBody): Credentials {
  return readTexts(body, ['username', 'password'])
}

/**
 * Reads non-empty strings from a JSON body.
 * @throws ContractError in the form of AWS Cognito when one that is required is missing
 */
export function readTexts<Required extends string, Optional extends string = never>(
  body: RawBody,
  required: readonly Required[],
  optional: readonly Optional[] = [],
): Record<Required, string> & Partial<Record<Optional, string>> {
  const json = readJsonBody(body)
  if (json.kind === 'wrong') throw new ContractError('signInBody', { cause: json.cause })
  const given = json.kind === 'object' ? json.value : {}
  const texts = new Map<string, string>()
  for (const key of [...required, ...optional]) {
    const text = given[key]
    if (text === undefined && (optional as readonly string[]).includes(key)) continue
    // A text that the database cannot store cannot be a valid name or password.
    if (typeof text !== 'string' || text === '' || !isStorable(text)) throw new ContractError('textMissing', { parameter: key })
    texts.set(key, text)
  }
  return Object.fromEntries(texts) as Record<Required, string> & Partial<Record<Optional, string>>
}
