import { expect, test } from 'vitest'
import { TILE, tilesInView } from './tiles.js'

const PANORAMA = { width: 11_000, height: 5500 }
const STAGE = { width: 1000, height: 600 }
const OVERVIEW = 2048

test('a view that the overview has enough pixels for needs no tiles', () => {
  expect(tilesInView(PANORAMA, { scale: 1000 / 11_000, x: 0, y: 50 }, STAGE, 1, OVERVIEW)).toEqual([])
  expect(tilesInView({ width: 1600, height: 1000 }, { scale: 8, x: 0, y: 0 }, STAGE, 2, 1600)).toEqual([])
})

test('at native pixels the tiles cover the stage and no more than one row and column around it', () => {
  const view = { scale: 1, x: -5000, y: -2000 }
  const tiles = tilesInView(PANORAMA, view, STAGE, 1, OVERVIEW)
  expect(Math.min(...tiles.map(({ box }) => box[0]))).toBeLessThanOrEqual(5000)
  expect(Math.max(...tiles.map(({ box }) => box[2]))).toBeGreaterThanOrEqual(6000)
  expect(Math.min(...tiles.map(({ box }) => box[1]))).toBeLessThanOrEqual(2000)
  expect(Math.max(...tiles.map(({ box }) => box[3]))).toBeGreaterThanOrEqual(2600)
  expect(tiles.length).toBeLessThanOrEqual((1000 / TILE + 2) * (600 / TILE + 2))
  expect(tiles.every(({ width, height }) => width === TILE && height === TILE)).toBe(true)
})

test('zoomed out, a pixel of a tile covers several of the image, and no more than one of the screen', () => {
  const [tile] = tilesInView(PANORAMA, { scale: 0.3, x: 0, y: 0 }, STAGE, 1, OVERVIEW)
  expect([tile.box[2], tile.width]).toEqual([2 * TILE, TILE])
  expect(tile.width / tile.box[2]).toBeGreaterThanOrEqual(0.3)
  const [onFineScreen] = tilesInView(PANORAMA, { scale: 0.3, x: 0, y: 0 }, STAGE, 2, OVERVIEW)
  expect([onFineScreen.box[2], onFineScreen.width]).toEqual([TILE, TILE])
})

test('tiles end at the edges of the image', () => {
  const tiles = tilesInView(PANORAMA, { scale: 1, x: -10_000, y: -4900 }, STAGE, 1, OVERVIEW)
  expect(tiles.at(-1)).toMatchObject({ box: [10_752, 5120, 11_000, 5500], width: 248, height: 380 })
})
