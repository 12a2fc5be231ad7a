import { PANORAMA_PRESETS } from './parameters.js'
import { ValueError } from './value-error.js'

/**
 * A custom tiling grid: `number` tiles across and down, `overlap` as the fraction 0..1 of a tile
 * that overlaps its neighbour.
 */
export interface Grid {
  number: [x: number, y: number]
  overlap: [x: number, y: number]
}

/** Maximum number of tiles across and down: a grid costs a detection pass per tile. */
export const MAX_TILES = 32

/**
 * Reads the `format` parameter's text: `whole`, a panorama preset, or a grid as JSON.
 * @returns undefined for a word that is neither
 * @throws ValueError with a sentence about an invalid grid
 */
export function parseFormat(text: string): string | Grid | undefined {
  if (text === 'whole' || Object.hasOwn(PANORAMA_PRESETS, text)) return text
  return text.trimStart().startsWith('{') ? parseGrid(text) : undefined
}

function parseGrid(text: string): Grid {
  let grid: Record<string, unknown>
  try {
    grid = JSON.parse(text)
  } catch {
    throw new ValueError('It is not valid JSON.')
  }
  return readGrid(grid)
}

/** Reads a grid that was given as a JSON value. @throws like {@link parseFormat} */
export function readGrid(grid: Record<string, unknown>): Grid {
  const { number, overlap, ...others } = grid
  const other = Object.keys(others)[0]
  if (other !== undefined) throw new ValueError(`Unknown grid field ${other}; allowed: number, overlap.`)
  if (!isPair(number, n => Number.isInteger(n) && n >= 1 && n <= MAX_TILES)) {
    throw new ValueError(`A grid needs "number": [across, down] with whole numbers from 1 to ${MAX_TILES}.`)
  }
  if (!isPair(overlap, n => n >= 0 && n < 1)) {
    throw new ValueError('A grid needs "overlap": [across, down] with fractions from 0 up to, but not including, 1.')
  }
  return { number, overlap }
}

function isPair(value: unknown, allowed: (n: number) => boolean): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(n => typeof n === 'number' && allowed(n))
}
