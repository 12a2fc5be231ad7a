import { ContractError } from './errors.js'
import { isStorable, readJsonBody } from './json-body.js'

/** What POST /v2/signin is given. */
export interface Credentials {
  username: string
  password: string
}

/** Reads the body of POST /v2/signin. @throws ContractError in the form of AWS Cognito */
export function readCredentials(body: string | undefined): Credentials {
  const { username, password } = readTexts(body, { username: 'USERNAME', password: 'PASSWORD' })
  // No such user can exist, and the database would refuse to look.
  if (!isStorable(username)) throw new ContractError('wrongCredentials')
  return { username, password }
}

/** Reads the body of POST /v2/refresh: the refresh token. @throws ContractError in the form of AWS Cognito */
export function readRefreshToken(body: string | undefined): string {
  return readTexts(body, { RefreshToken: 'REFRESH_TOKEN' }).RefreshToken
}

function readTexts<Key extends string>(body: string | undefined, keys: Record<Key, string>): Record<Key, string> {
  const json = readJsonBody(body)
  if (json.kind === 'wrong') throw new ContractError('signInBody', { cause: json.cause })
  const given = json.kind === 'object' ? json.value : {}
  for (const [key, parameter] of Object.entries<string>(keys)) {
    if (typeof given[key] !== 'string' || given[key] === '') throw new ContractError('credentialMissing', { parameter })
  }
  return given as Record<Key, string>
}
