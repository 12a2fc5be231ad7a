import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAreas, readAreas } from './areas.js'
import { readMask } from './shapes.js'
import { ValueError } from './value-error.js'

const refused = (areas: unknown) => {
  try {
    parseAreas(JSON.stringify(areas))
  } catch (error) {
    if (error instanceof ValueError) return error.message
    throw error
  }
  return undefined
}

describe('areas', () => {
  it('are boxes, polygons and circles around poles, in pixels unless they say percent', () => {
    const triangle = [
      [0, 0],
      [9, 0],
      [0, 9],
    ]
    const text = JSON.stringify([
      { box: [0, 80, 100, 100], unit: 'percent' },
      { polygon: triangle, method: 'blacken' },
      { nadir: 20 },
      { zenith: 7.5, method: 'pixelate' },
    ])
    expect(parseAreas(text)).toEqual([
      { box: [0, 80, 100, 100], unit: 'percent' },
      { polygon: triangle, unit: 'pixels', method: 'blacken' },
      { nadir: 20 },
      { zenith: 7.5, method: 'pixelate' },
    ])
    expect(parseAreas(' ')).toEqual([])
  })

  it.each<[unknown, RegExp]>([
    [{}, /must be a list/],
    [[null], /Area 0 must have exactly one of box, polygon, nadir, zenith\./],
    [[{ nadir: 20 }, { nadir: 20, zenith: 20 }], /Area 1 must have exactly one/],
    [[{ box: [10, 10, 5, 20] }], /Area 0 must have a box \[left, top, right, bottom\]/],
    [[{ box: [0, 0, 1e300, 20] }], /must have a box/],
    [[{ box: ['0', 0, 1, 2] }], /must have a box/],
    [[{ polygon: [[0, 0]] }], /polygon of 3 to 1000 points/],
    [[{ polygon: new Array(1001).fill([1, 2]) }], /polygon of 3 to 1000 points/],
    [[{ nadir: 0 }], /nadir above 0 and up to 45 degrees/],
    [[{ zenith: 46 }], /zenith above 0 and up to 45 degrees/],
    [[{ nadir: 20, unit: 'cm' }], /unit of area 0 must be one of pixels, percent/],
    [[{ nadir: 20, method: 'detect' }], /method of area 0 must be one of blur, pixelate, blacken/],
    [[{ nadir: 20, note: 'secret' }], /unknown field; allowed: box, polygon, nadir, zenith, unit, method\.$/],
    [new Array(101).fill({ nadir: 20 }), /at most 100 areas/],
  ])('%j is refused with a sentence', (areas, sentence) => {
    expect(refused(areas)).toMatch(sentence)
  })

  it('of any other form are refused, never misread', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), values => {
        try {
          for (const area of readAreas(values)) expect(['box', 'polygon', 'nadir', 'zenith'].some(key => key in area)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(ValueError)
        }
      }),
    )
  })
})

describe('a mask', () => {
  const size = { width: 10, height: 4 }

  it('holds ascending runs of rows inside the image', () => {
    const mask = { top: 1, rows: [[0, 2, 2, 10], [], [9, 10]] }
    expect(readMask(mask, size, 'Region 0')).toEqual(mask)
  })

  it.each([
    { top: 1, rows: [[0, 11]] },
    { top: 1, rows: [[-1, 3]] },
    { top: 1, rows: [[4, 4]] },
    { top: 1, rows: [[4, 6, 5, 7]] },
    { top: 1, rows: [[4]] },
    { top: 1, rows: [[0.5, 2]] },
    { top: 2, rows: [[1, 2], [], []] },
    { top: -1, rows: [[1, 2]] },
    { top: 0, rows: [[]] },
    { rows: [[1, 2]] },
    'mask',
  ])('%j is refused', mask => {
    expect(() => readMask(mask, size, 'Region 0')).toThrow(/^Region 0 must have a mask/)
  })
})
