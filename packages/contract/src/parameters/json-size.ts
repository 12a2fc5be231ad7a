/** What makes JSON take time and memory when it is parsed, much more than its bytes. */
export interface JsonSize {
  depth: number
  /** Commas and opening brackets: about one for each value. */
  values: number
  /** Objects and their keys: each object may have keys of its own, which is the slowest to read. */
  fields: number
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [...'"\\,:'].map(sign => sign.charCodeAt(0))
const [LIST, LIST_END, OBJECT, OBJECT_END] = [...'[]{}'].map(sign => sign.charCodeAt(0))

/**
 * Measures JSON in UTF-8 before it is parsed, in one pass. Of what is not JSON the numbers mean
 * nothing.
 */
export function jsonSize(json: Uint8Array): JsonSize {
  const size: JsonSize = { depth: 0, values: 0, fields: 0 }
  let depth = 0
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === QUOTE) i = textEnd(json, i)
    else if (byte === COMMA) size.values++
    else if (byte === COLON) size.fields++
    else if (byte === LIST || byte === OBJECT) {
      size.values++
      if (byte === OBJECT) size.fields++
      size.depth = Math.max(size.depth, ++depth)
    } else if (byte === LIST_END || byte === OBJECT_END) depth--
  }
  return size
}

function textEnd(json: Uint8Array, start: number): number {
  let i = start + 1
  while (i < json.length && json[i] !== QUOTE) i += json[i] === BACKSLASH ? 2 : 1
  return i
}

/** Deeper than any list or object of a request. */
const MAX_DEPTH = 32
/** Enough for 10,000 areas of four numbers. */
const MAX_FIELDS = 60_000
/** Enough for a hundred thousand points, or rows of masks. */
const MAX_VALUES = 400_000

/**
 * Why JSON that a client sends is not even parsed, as a sentence; undefined if it may be. Nothing
 * else is answered meanwhile, so that has to be short whatever the JSON contains.
 */
export function tooLargeToParse(json: Uint8Array): string | undefined {
  const { depth, fields, values } = jsonSize(json)
  if (depth > MAX_DEPTH) return `Its lists and objects are more than ${MAX_DEPTH} deep.`
  if (values > MAX_VALUES) return `It has more than ${MAX_VALUES} values.`
  return fields > MAX_FIELDS ? `It has more than ${MAX_FIELDS} objects and keys.` : undefined
}
