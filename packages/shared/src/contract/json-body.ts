/** What a request's body turned out to be. */
export type JsonBody =
  | { kind: 'empty' }
  | { kind: 'object'; value: Record<string, unknown> }
  /** Neither; `cause` is a sentence. */
  | { kind: 'wrong'; cause: string }

/** Reads a body as a JSON object, whatever its Content-Type said: clients send task parameters as plain text, as a form and as nothing. */
export function readJsonBody(body: string | undefined): JsonBody {
  // A byte order mark, as some Windows programs write it, is no part of the text.
  const text = (body ?? '').replace(/^\uFEFF/, '')
  if (text.trim() === '') return { kind: 'empty' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'wrong', cause: 'It is not valid JSON.' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'wrong', cause: 'It is not a JSON object.' }
  }
  return { kind: 'object', value: value as Record<string, unknown> }
}

/** Whether PostgreSQL can keep this text: it refuses NUL and halves of surrogate pairs. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text)
}
