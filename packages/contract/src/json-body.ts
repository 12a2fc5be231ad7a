/** A request's body as it came; undefined when there was none. */
export type RawBody = Uint8Array | string | undefined

/** What a request's body turned out to be. */
export type JsonBody =
  | { kind: 'empty' }
  | { kind: 'object'; value: Record<string, unknown> }
  /** Neither; `cause` is a sentence. */
  | { kind: 'wrong'; cause: string }

const wrong = (cause: string): JsonBody => ({ kind: 'wrong', cause })

/**
 * Reads a body as a JSON object, whatever its Content-Type said: clients send task parameters as plain text, as a form and as nothing. Of a key
 * that is given twice the last value counts, as with every other reader of JSON.
 */
export function readJsonBody(body: RawBody): JsonBody {
  const text = readText(body)
  // JSON never holds a bare NUL, but UTF-16 without a byte order mark is full of them.
  if (text === undefined || text.includes('\0')) return wrong('It is not UTF-8 text.')
  if (text.trim() === '') return { kind: 'empty' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return wrong('It is not valid JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('It is not a JSON object.')
  return { kind: 'object', value: value as Record<string, unknown> }
}

// A byte order mark, as some Windows programs write it, is no part of the text: decode() drops it.
function readText(body: RawBody): string | undefined {
  if (typeof body === 'string') return body.replace(/^\uFEFF/, '')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

/** Whether PostgreSQL can keep this text: it refuses NUL and halves of surrogate pairs. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text)
}
