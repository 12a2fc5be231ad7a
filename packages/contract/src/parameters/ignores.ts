import { parseJsonList } from './json-list.js'
import { ValueError } from './value-error.js'

/** An area in pixels of the upright image in which nothing is anonymized. */
export interface IgnoreArea {
  topLeftX: number
  topLeftY: number
  width: number
  height: number
}

const KEYS = ['topLeftX', 'topLeftY', 'width', 'height'] as const

/**
 * Reads the `ignores` parameter's text: JSON, a list of areas; empty text means none.
 * @throws ValueError with a sentence about the first error
 */
export function parseIgnores(text: string): IgnoreArea[] {
  return readIgnores(parseJsonList(text, 'objects {topLeftX, topLeftY, width, height}'))
}

/** Reads a list of areas that was given as a JSON value. @throws like {@link parseIgnores} */
export function readIgnores(areas: readonly unknown[]): IgnoreArea[] {
  return areas.map((area, index) => {
    const given = (typeof area === 'object' && area !== null ? area : {}) as Record<string, unknown>
    for (const key of KEYS) {
      if (!Number.isFinite(given[key])) throw new ValueError(`Area ${index} must have the number ${key}.`)
    }
    const { topLeftX, topLeftY, width, height } = given as unknown as IgnoreArea
    if (width < 0 || height < 0) throw new ValueError(`Area ${index} has a negative width or height.`)
    return { topLeftX, topLeftY, width, height }
  })
}
