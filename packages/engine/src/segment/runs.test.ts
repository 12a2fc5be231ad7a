import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RegionMask } from '../detection.js'
import { type Box, clip } from '../geometry.js'
import { ignoredRuns, maskOfRows, pixelCount, runsOfRow, union, withoutAreas } from './runs.js'
import { rectangle, roundOut, superellipse } from './shape.js'

const size = { width: 40, height: 30 }

/** The mask as a set of pixels, after checking that its runs are in order and inside the image. */
function pixelsOf(mask: RegionMask): Set<string> {
  expect(mask.offsets).toHaveLength(mask.bottom - mask.top + 1)
  const pixels = new Set<string>()
  for (let y = -5; y < size.height + 5; y++) {
    let last = 0
    for (const [start, end] of runsOfRow(mask, y)) {
      expect(start).toBeGreaterThanOrEqual(last)
      expect(end).toBeGreaterThan(start)
      expect(end).toBeLessThanOrEqual(size.width)
      last = end
      for (let x = start; x < end; x++) pixels.add(`${x},${y}`)
    }
  }
  return pixels
}

function pixelsWhere(condition: (x: number, y: number) => boolean): Set<string> {
  const pixels = new Set<string>()
  for (let y = 0; y < size.height; y++) for (let x = 0; x < size.width; x++) if (condition(x, y)) pixels.add(`${x},${y}`)
  return pixels
}

const box = fc
  .record({
    x: fc.double({ min: -30, max: 60, noNaN: true }),
    y: fc.double({ min: -30, max: 60, noNaN: true }),
    width: fc.double({ min: 0.1, max: 90, noNaN: true }),
    height: fc.double({ min: 0.1, max: 90, noNaN: true }),
  })
  .map(({ x, y, width, height }): Box => [x, y, x + width, y + height])

describe('shapes', () => {
  test('a rectangle is every pixel that the box touches', () => {
    fc.assert(
      fc.property(box, touched => {
        const [x1, y1, x2, y2] = roundOut(touched)
        expect(pixelsOf(rectangle(touched, size))).toEqual(pixelsWhere((x, y) => x >= x1 && x < x2 && y >= y1 && y < y2))
      }),
    )
  })

  test('a superellipse is every pixel whose centre lies in it; never empty where its box meets the image', () => {
    fc.assert(
      fc.property(box, fc.constantFrom(2, 3), (around, exponent) => {
        const [x1, y1, x2, y2] = around
        const expected = pixelsWhere((x, y) => {
          const across = Math.abs(x + 0.5 - (x1 + x2) / 2) / ((x2 - x1) / 2)
          const down = Math.abs(y + 0.5 - (y1 + y2) / 2) / ((y2 - y1) / 2)
          return across ** exponent + down ** exponent <= 1
        })
        const found = pixelsOf(superellipse(around, exponent, size))
        if (expected.size > 0) expect(found).toEqual(expected)
        else {
          const [left, top, right, bottom] = clip(roundOut(around), size)
          expect(found.size).toBe(Math.max(0, right - left) * Math.max(0, bottom - top))
        }
      }),
    )
  })
})

test('a union holds the pixels of both masks, each once', () => {
  fc.assert(
    fc.property(box, box, (one, other) => {
      const [a, b] = [superellipse(one, 2, size), rectangle(other, size)]
      const both = union(a, b, size)
      expect(pixelsOf(both)).toEqual(new Set([...pixelsOf(a), ...pixelsOf(b)]))
      expect(pixelCount(both)).toBe(pixelsOf(both).size)
    }),
  )
})

describe('ignore areas', () => {
  const area = fc.record({
    topLeftX: fc.double({ min: -20, max: 50, noNaN: true }),
    topLeftY: fc.double({ min: -20, max: 50, noNaN: true }),
    width: fc.double({ min: 0, max: 40, noNaN: true }),
    height: fc.double({ min: 0, max: 40, noNaN: true }),
  })

  test('are cut out pixel by pixel, however they overlap', () => {
    fc.assert(
      fc.property(box, fc.array(area, { maxLength: 5 }), (around, areas) => {
        const ignored = (x: number, y: number) => ignoredRuns(areas, y).some(([start, end]) => x >= start && x < end)
        const whole = pixelsOf(superellipse(around, 2, size))
        const rest = withoutAreas(superellipse(around, 2, size), areas, size)
        expect(pixelsOf(rest)).toEqual(pixelsWhere((x, y) => whole.has(`${x},${y}`) && !ignored(x, y)))
        expect(pixelCount(rest)).toBe(pixelsOf(rest).size)
      }),
    )
  })

  test('their sides are rounded to whole pixels', () => {
    const [run] = ignoredRuns([{ topLeftX: 3.4, topLeftY: 1.6, width: 2.2, height: 1 }], 2)
    expect(run).toEqual([3, 6])
    expect(ignoredRuns([{ topLeftX: 3.4, topLeftY: 1.6, width: 2.2, height: 1 }], 1)).toEqual([])
  })
})

test('pixels are counted inside a box', () => {
  const mask = rectangle([5, 5, 15, 25], size)
  expect(pixelCount(mask)).toBe(200)
  expect(pixelCount(mask, [0, 0, 10, 10])).toBe(25)
  expect(pixelCount(mask, [20, 0, 30, 30])).toBe(0)
})

test('rows and runs outside the image are dropped', () => {
  const mask = maskOfRows(-3, 100, size, () => [
    [-5, 2],
    [30, 30],
    [38, 99],
  ])
  expect(pixelCount(mask)).toBe(4 * 30)
  expect([...runsOfRow(mask, 0)]).toEqual([
    [0, 2],
    [38, 40],
  ])
})
