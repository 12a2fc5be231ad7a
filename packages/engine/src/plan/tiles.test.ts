import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Box } from '../geometry.js'
import { filledScale, grid, tiles } from './tiles.js'

const sizes = fc.record({ width: fc.integer({ min: 1, max: 16384 }), height: fc.integer({ min: 1, max: 8192 }) })

/** Starts and ends of the tiles along one axis, without repetition. */
function axis(boxes: Box[], k: 0 | 1): [number, number][] {
  const ends = new Map(boxes.map(box => [box[k], box[k + 2]]))
  return [...ends].sort((a, b) => a[0] - b[0])
}

/** Every pixel lies in a tile, and neighbours share at least `overlap` px. */
function expectCover(boxes: Box[], length: number, k: 0 | 1, overlap: number) {
  const parts = axis(boxes, k)
  expect(parts[0][0]).toBe(0)
  expect(parts.at(-1)![1]).toBe(length)
  for (let i = 1; i < parts.length; i++) expect(parts[i - 1][1] - parts[i][0]).toBeGreaterThanOrEqual(Math.floor(overlap))
}

describe('tiles', () => {
  it('cover the image with tiles no larger than asked, as far apart as the overlap allows', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 256, max: 2560 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (size, side, fraction) => {
          const overlap = Math.round(side * fraction)
          const boxes = tiles(size, side, overlap)
          expectCover(boxes, size.width, 0, overlap)
          expectCover(boxes, size.height, 1, overlap)
          for (const [x1, y1, x2, y2] of boxes) expect(Math.max(x2 - x1, y2 - y1)).toBeLessThanOrEqual(side + 2)
          expect(boxes).toHaveLength(axis(boxes, 0).length * axis(boxes, 1).length)
        },
      ),
    )
  })

  it('hold an object up to the overlap whole in one of them', () => {
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (size, u, v) => {
        const x = Math.floor(u * Math.max(0, size.width - 160))
        const y = Math.floor(v * Math.max(0, size.height - 160))
        const object = [x, y, Math.min(size.width, x + 160), Math.min(size.height, y + 160)]
        const whole = tiles(size, 1280, 160).some(
          box => box[0] <= object[0] && box[1] <= object[1] && box[2] >= object[2] && box[3] >= object[3],
        )
        expect(whole).toBe(true)
      }),
    )
  })

  it('are the image itself when it is small', () => {
    expect(tiles({ width: 1, height: 1 }, 640, 128)).toEqual([[0, 0, 1, 1]])
    expect(tiles({ width: 640, height: 480 }, 640, 128)).toEqual([[0, 0, 640, 480]])
  })

  it('are no more than needed', () => {
    expect(tiles({ width: 4000, height: 3000 }, 1280, 160)).toHaveLength(12)
    expect(tiles({ width: 16384, height: 8192 }, 1280, 160)).toHaveLength(15 * 8)
  })
})

describe('filledScale', () => {
  it('is the greatest scale that takes no more tiles, and never above 1', () => {
    const scale = fc.double({ min: 0.05, max: 1, noNaN: true })
    fc.assert(
      fc.property(sizes, scale, (size, least) => {
        const at = (scale: number) => tiles(size, 640 / scale, 96 / scale).length
        const scale = filledScale(size, 640, 96, least)
        expect(scale).toBeGreaterThanOrEqual(least)
        expect(scale).toBeLessThanOrEqual(1)
        expect(at(scale)).toBe(at(least))
        if (scale < 0.99) expect(at(scale * 1.01)).toBeGreaterThan(at(least))
      }),
    )
  })

  it('is a seventh finer at 12 megapixels', () => {
    expect(filledScale({ width: 4000, height: 3000 }, 640, 96, 0.5)).toBeCloseTo(0.568)
  })
})

describe('grid', () => {
  it('covers the image with the number of tiles and the overlap asked for', () => {
    const counts = fc.integer({ min: 1, max: 8 })
    fc.assert(
      fc.property(sizes, counts, counts, fc.double({ min: 0, max: 0.9, noNaN: true }), (size, nx, ny, fraction) => {
        fc.pre(size.width >= 64 * nx && size.height >= 64 * ny)
        const boxes = grid(size, [nx, ny], [fraction, fraction])
        expect(boxes).toHaveLength(nx * ny)
        const [left, , right] = boxes[0]
        expectCover(boxes, size.width, 0, fraction * (right - left) - 2)
        expectCover(boxes, size.height, 1, 0)
      }),
    )
  })

  it('without overlap only touches', () => {
    expect(grid({ width: 100, height: 60 }, [2, 2], [0, 0])).toEqual([
      [0, 0, 50, 30],
      [50, 0, 100, 30],
      [0, 30, 50, 60],
      [50, 30, 100, 60],
    ])
  })
})
