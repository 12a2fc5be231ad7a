import fc from 'fast-check'
import { expect, it } from 'vitest'
import { area, type Box, intersection } from '../geometry.js'
import { partsAround } from './around.js'

const SIZE = { width: 1000, height: 600 }

it('gives every box a margin of its width, and of a twentieth of the view at least', () => {
  expect(partsAround([[300, 200, 380.5, 240]], SIZE)).toEqual([[219, 119, 461, 321]])
  expect(partsAround([[300, 200, 310, 205]], SIZE)).toEqual([[250, 150, 360, 255]])
})

it('ends parts at the borders of the view', () => {
  expect(partsAround([[0, 580, 20, 600]], SIZE)).toEqual([[0, 530, 70, 600]])
})

it('joins neighbours and leaves others apart', () => {
  const [one, near, far]: Box[] = [
    [300, 200, 310, 205],
    [330, 210, 340, 215],
    [700, 400, 710, 405],
  ]
  expect(partsAround([one, far, near], SIZE)).toEqual([
    [650, 350, 760, 455],
    [250, 150, 390, 265],
  ])
})

it('is nothing where there is nothing, and the whole view where there is much', () => {
  expect(partsAround([], SIZE)).toEqual([])
  expect(partsAround([[300, 200, 700, 400]], SIZE)).toEqual([[0, 0, 1000, 600]])
})

it('holds every box with its margin, for no more than the view', () => {
  const box = fc
    .tuple(
      fc.double({ min: 0, max: 900, noNaN: true }),
      fc.double({ min: 0, max: 500, noNaN: true }),
      fc.double({ min: 1, max: 90, noNaN: true }),
    )
    .map(([x, y, side]): Box => [x, y, x + side, y + side / 2])
  fc.assert(
    fc.property(fc.array(box, { maxLength: 30 }), boxes => {
      const parts = partsAround(boxes, SIZE)
      expect(parts.reduce((sum, part) => sum + area(part), 0)).toBeLessThanOrEqual(600_000)
      for (const [x1, y1, x2, y2] of boxes) {
        const wide: Box = [Math.max(0, x1 - 50), Math.max(0, y1 - 50), Math.min(1000, x2 + 50), Math.min(600, y2 + 50)]
        expect(parts.some(part => intersection(part, wide) >= area(wide) - 1e-6)).toBe(true)
      }
    }),
  )
})
