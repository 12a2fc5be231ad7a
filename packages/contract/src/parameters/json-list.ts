import { tooLargeToParse } from './json-size.js'
import { ValueError } from './value-error.js'

/**
 * Reads a parameter's text as a JSON list of `elements`, such as "objects {x, y}"; empty text means
 * none.
 * @throws ValueError
 */
export function parseJsonList(text: string, elements: string): unknown[] {
  if (text.trim() === '') return []
  const tooLarge = tooLargeToParse(new TextEncoder().encode(text))
  if (tooLarge) throw new ValueError(tooLarge)
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    throw new ValueError('It is not valid JSON.')
  }
  if (!Array.isArray(list)) throw new ValueError(`It must be a list of ${elements}.`)
  return list
}
