import { CLASSES, type Grid, MAX_TILES, MAX_TILES_ALONG, parseFormat } from '@obscura/contract/parameters'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../errors.js'
import { scales, plan as viewTasks } from './plan.js'
import { PROFILES } from './profile.js'

/** An image of which only the size matters. */
const image = (width: number, height: number) => ({ width, height, data: new Uint8Array() })
const standard = PROFILES.standard
const plan = (...args: Parameters<typeof viewTasks>) => [...viewTasks(...args)]

describe('plan', () => {
  it('plans a single view of a small image', () => {
    for (const [width, height] of [
      [1, 1],
      [640, 480],
      [1, 700],
    ]) {
      const viewTasks = plan(image(width, height), CLASSES, 'whole', standard)
      expect(viewTasks.map(({ stage }) => stage)).toEqual(['whole'])
      expect(viewTasks[0].view.size).toEqual({ width, height })
    }
  })

  it('covers every pixel of a large image with tiles for every class', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4000, max: 16384 }), fc.integer({ min: 1500, max: 8192 }), (width, height) => {
        const viewTasks = plan(image(width, height), CLASSES, 'whole', standard)
        for (const name of CLASSES) {
          const tiles = viewTasks.filter(({ stage, classes }) => stage === 'tiles' && classes.includes(name))
          const boxes = tiles.map(({ view }) => view.locate([0, 0, view.size.width, view.size.height]))
          for (const [x, y] of [
            [0, 0],
            [width - 1, height - 1],
            [width >> 1, height >> 1],
            [width - 1, 0],
            [width / 3, height / 3],
          ]) {
            expect(boxes.some(box => box[0] <= x && box[1] <= y && box[2] > x && box[3] > y)).toBe(true)
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it('plans only views for requested classes', () => {
    const viewTasks = plan(image(4000, 3000), ['face'], 'whole', standard)
    expect(viewTasks.every(({ classes }) => classes.length === 1 && classes[0] === 'face')).toBe(true)
  })

  it('treats panorama presets like other images', () => {
    const of = (format: string) => plan(image(8192, 4096), CLASSES, format, standard).length
    expect(of('pano:8192')).toBe(of('whole'))
  })

  it('leaves no object between two levels too large for the one and too small for the other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 65000 }), width => {
        for (const tiling of standard.tilings) {
          const levels = [...scales(tiling, { width, height: width / 2 }), tiling.whole / width]
          for (let i = 1; i < levels.length; i++) {
            const largest = tiling.overlap / levels[i - 1]
            expect(largest * levels[i]).toBeGreaterThanOrEqual(19.9)
          }
        }
      }),
    )
  })
})

describe('a custom grid', () => {
  const tilesOf = (grid: Grid, width = 1000, height = 800) => plan(image(width, height), CLASSES, grid, standard).slice(1)

  it('replaces the tiles, beside the whole view', () => {
    const viewTasks = tilesOf({ number: [3, 2], overlap: [0.1, 0] })
    expect(viewTasks).toHaveLength(6)
    expect(viewTasks.every(({ stage }) => stage === 'whole')).toBe(true)
    expect(tilesOf({ number: [1, 1], overlap: [0, 0] })).toHaveLength(0)
  })

  it.each([
    { number: [0, 2], overlap: [0, 0] },
    { number: [2.5, 2], overlap: [0, 0] },
    { number: [-1, -1], overlap: [0, 0] },
    { number: [Number.NaN, 1], overlap: [0, 0] },
    { number: [1000, 1000], overlap: [0, 0] },
    { number: [33, 1], overlap: [0, 0] },
    { number: [25, 25], overlap: [0, 0] },
    { number: [2, 2], overlap: [1, 0] },
    { number: [2, 2], overlap: [-0.1, 0] },
    { number: [2, 2], overlap: [Number.NaN, 0] },
  ] as Grid[])('that is impossible is refused: %j', grid => {
    expect(() => tilesOf(grid, 4000, 3000)).toThrow(EngineError)
    expect(() => tilesOf(grid, 4000, 3000)).toThrow(/tiling grid cannot be used/)
  })

  it('is refused where its tiles would be smaller than 32 px', () => {
    expect(() => tilesOf({ number: [20, 1], overlap: [0, 0] }, 600, 600)).toThrow(
      /20 x 1 tiles of a 600 x 600 px image are smaller/,
    )
  })

  it('can be used on a large image if the contract accepts it', () => {
    const pair = (arbitrary: fc.Arbitrary<number>) => fc.tuple(arbitrary, arbitrary)
    const grid = fc.record({
      number: pair(fc.integer({ min: 1, max: MAX_TILES_ALONG })).filter(([across, down]) => across * down <= MAX_TILES),
      overlap: pair(fc.double({ min: 0, max: 0.99, noNaN: true })),
    })
    fc.assert(
      fc.property(grid, ({ number, overlap }) => {
        expect(parseFormat(JSON.stringify({ number, overlap }))).toEqual({ number, overlap })
        expect(tilesOf({ number, overlap }, 1200, 1100)).toHaveLength(number[0] * number[1] === 1 ? 0 : number[0] * number[1])
      }),
    )
  })
})
