import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { area, type Box, intersection } from '../geometry.js'
import { coarserPass, partsAround, passOver } from './around.js'

const SIZE = { width: 1000, height: 600 }
// A px of the input is one of the view.
const PASS = { longSide: 1000, largest: 100, around: { longSide: 500, from: 0.2 } }

const found = (boxes: readonly Box[], score = 0.3) => boxes.map(box => ({ class: 'license_plate' as const, score, box }))
const partsOf = (boxes: readonly Box[], pass = PASS, enlarge = 1) => partsAround(found(boxes), SIZE, pass, enlarge)

describe('parts of a view', () => {
  it('hold a box with a margin of its width and a twentieth of the view, and end on a grid', () => {
    expect(partsOf([[300, 200, 380.5, 240]])).toEqual([[192, 96, 480, 352]])
    expect(partsOf([[300, 200, 310, 205]])).toEqual([[224, 128, 384, 256]])
    // The input is half as fine.
    expect(partsOf([[300, 200, 310, 205]], { ...PASS, longSide: 500 })).toEqual([[192, 128, 384, 256]])
    expect(partsOf([[300, 200, 310, 205]], PASS, 0.5)).toEqual([[192, 128, 384, 256]])
  })

  it('end at the borders of the view', () => {
    expect(partsOf([[0, 580, 20, 600]])).toEqual([[0, 512, 96, 600]])
  })

  it('are joined where they are near', () => {
    const [one, near, far]: Box[] = [
      [300, 200, 310, 205],
      [330, 210, 340, 215],
      [700, 400, 710, 405],
    ]
    expect(partsOf([one, far, near])).toEqual([
      [640, 320, 768, 480],
      [224, 128, 416, 288],
    ])
  })

  it('are made for boxes that the close pass may find, from the lowest score on', () => {
    expect(partsAround(found([[300, 200, 310, 205]], 0.19), SIZE, PASS, 1)).toEqual([])
    expect(partsOf([[300, 200, 440, 340]])).toHaveLength(1)
    expect(partsOf([[300, 200, 460, 360]])).toEqual([])
  })

  it('are absent where nothing is found, and the whole view where much is', () => {
    expect(partsOf([])).toEqual([])
    expect(partsOf([[50, 300, 950, 320]])).toEqual([[0, 0, 1000, 600]])
    // Steps that overlap, of which none is joined to the next.
    const steps = [0, 1, 2, 3, 4].map((i): Box => [100 + 150 * i, 100 + 90 * i, 190 + 150 * i, 190 + 90 * i])
    const back = steps.map(([x1, y1, x2, y2]): Box => [x1, 600 - y2, x2, 600 - y1])
    expect(partsOf([...steps, ...back])).toEqual([[0, 0, 1000, 600]])
  })

  it('hold every box with its margin, and together have at most as many px as the view', () => {
    const place = (most: number) => fc.double({ min: 0, max: most, noNaN: true })
    const box = fc
      .tuple(place(900), place(500), fc.double({ min: 1, max: 90, noNaN: true }))
      .map(([x, y, side]): Box => [x, y, x + side, y + side / 2])
    fc.assert(
      fc.property(fc.array(box, { maxLength: 30 }), boxes => {
        const parts = partsOf(boxes)
        expect(parts.reduce((sum, part) => sum + area(part), 0)).toBeLessThanOrEqual(600_000)
        for (const [x1, y1, x2, y2] of boxes) {
          const wide: Box = [Math.max(0, x1 - 50), Math.max(0, y1 - 50), Math.min(1000, x2 + 50), Math.min(600, y2 + 50)]
          expect(parts.some(part => intersection(part, wide) >= area(wide) - 1e-6)).toBe(true)
        }
      }),
    )
  })
})

it('has a coarser pass for objects of any size', () => {
  expect(coarserPass({ ...PASS, enlarge: 2 })).toEqual({ longSide: 500, enlarge: 2, largest: undefined })
})

it('sees a part at the scale of the whole view', () => {
  expect(passOver([100, 0, 420, 200], SIZE, { ...PASS, longSide: 500 })).toEqual({ longSide: 160, largest: 100 })
})
