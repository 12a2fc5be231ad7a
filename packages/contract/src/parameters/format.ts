import { ValueError } from './value-error.js'

/** Panorama presets and the image sizes (width, height in px) they are meant for. */
export const PANORAMA_PRESETS: Readonly<Record<string, readonly [width: number, height: number]>> = {
  'pano:4096': [4096, 2048],
  'pano:5400': [5400, 2700],
  'pano:5640': [5640, 2816],
  'pano:7060': [7060, 3530],
  'pano:7680': [7680, 3840],
  'pano:8000': [8000, 4000],
  'pano:8192': [8192, 4096],
  'pano:11000': [11000, 5500],
}

/** Whether a task's format says that the image is a panorama of the whole sphere. */
export function isPanoramaPreset(format: string | Grid): boolean {
  return typeof format === 'string' && Object.hasOwn(PANORAMA_PRESETS, format)
}

/**
 * A custom tiling grid: `number` tiles across and down, `overlap` as the fraction 0..1 of a tile
 * that overlaps its neighbour.
 */
export interface Grid {
  number: [x: number, y: number]
  overlap: [x: number, y: number]
}

/** The most tiles across or down, and in all: a grid costs a detection pass a tile. */
export const MAX_TILES_ALONG = 32
export const MAX_TILES = 400

/**
 * Reads the `format` parameter's text: `whole`, a panorama preset, or a grid as JSON.
 * @returns undefined for a word that is neither
 * @throws ValueError with a sentence about an invalid grid
 */
export function parseFormat(text: string): string | Grid | undefined {
  if (text === 'whole' || isPanoramaPreset(text)) return text
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

/** Reads a grid that came as JSON proper, or checks one. @throws like {@link parseFormat} */
export function readGrid(grid: Record<string, unknown>): Grid {
  const { number, overlap, ...others } = grid
  const other = Object.keys(others)[0]
  if (other !== undefined) throw new ValueError(`Unknown grid field ${other}; allowed: number, overlap.`)
  if (!isPair(number, n => Number.isInteger(n) && n >= 1 && n <= MAX_TILES_ALONG)) {
    throw new ValueError(`A grid needs "number": [across, down] with whole numbers from 1 to ${MAX_TILES_ALONG}.`)
  }
  if (number[0] * number[1] > MAX_TILES) {
    throw new ValueError(`A grid may have at most ${MAX_TILES} tiles; ${number[0]} x ${number[1]} are ${number[0] * number[1]}.`)
  }
  if (!isPair(overlap, n => n >= 0 && n < 1)) {
    throw new ValueError('A grid needs "overlap": [across, down] with fractions from 0 up to, but not including, 1.')
  }
  return { number, overlap }
}

function isPair(value: unknown, allowed: (n: number) => boolean): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(n => typeof n === 'number' && allowed(n))
}
