import { tooLargeToParse } from './parameters/json-size.js'

/** The body of a request as received; undefined when there was none. */
export type RawBody = Uint8Array | string | undefined

/** The result of parsing a body. */
export type JsonBody =
  | { kind: 'empty' }
  | { kind: 'object'; value: Record<string, unknown> }
  /** Neither; `cause` is a sentence. */
  | { kind: 'wrong'; cause: string }

const wrong = (cause: string): JsonBody => ({ kind: 'wrong', cause })

/**
 * Reads a body as a JSON object, whatever its Content-Type: clients send task parameters as plain
 * text, as a form or without a type. For duplicate keys the last value counts, as usual for JSON.
 */
export function readJsonBody(body: RawBody): JsonBody {
  const text = readText(body)
  // JSON never contains a bare NUL, but UTF-16 without a byte order mark does.
  if (text === undefined || text.includes('\0')) return wrong('It is not UTF-8 text.')
  if (text.trim() === '') return { kind: 'empty' }
  const tooLarge = tooLargeToParse(typeof body === 'string' ? new TextEncoder().encode(body) : body!)
  if (tooLarge) return wrong(tooLarge)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return wrong('It is not valid JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('It is not a JSON object.')
  return { kind: 'object', value: value as Record<string, unknown> }
}

// decode() drops a byte order mark, which some Windows programs write.
function readText(body: RawBody): string | undefined {
  if (typeof body === 'string') return body.replace(/^\uFEFF/, '')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

/** Whether PostgreSQL can store this text: it refuses NUL and lone surrogates. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text)
}
