import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Box, grow } from '../geometry.js'
import { asSeenIn, sharedParts } from './overlap.js'
import { imageBox, type Projection, perspective, rolled } from './projection.js'
import { resample } from './resample.js'

const panorama = { width: 720, height: 360 }
const FOCAL = panorama.width / (2 * Math.PI)
const angle = fc.double({ min: -Math.PI / 2, max: Math.PI / 2, noNaN: true })
const views: fc.Arbitrary<Projection> = fc.oneof(
  fc.integer({ min: -800, max: 800 }).map(left => rolled(panorama, left)),
  fc
    .tuple(angle, angle)
    .map(([yaw, pitch]) => perspective(panorama, { yaw: 2 * yaw + Math.PI, pitch, focal: FOCAL, centre: [100, 80] })),
)
const boxes = fc
  .tuple(
    fc.integer({ min: 40, max: 150 }),
    fc.integer({ min: 30, max: 120 }),
    fc.integer({ min: 3, max: 40 }),
    fc.integer({ min: 3, max: 40 }),
  )
  .map(([x, y, width, height]): Box => [x, y, x + width, y + height])

describe('a projection', () => {
  it('leads back to where it came from, along rows too', () => {
    fc.assert(
      fc.property(views, fc.integer({ min: 0, max: 719 }), fc.integer({ min: 0, max: 359 }), (view, x, y) => {
        const us = new Float64Array(3)
        const vs = new Float64Array(3)
        view.rowToView(y, x - 1, us, vs)
        const point = view.toView(x + 0.5, y + 0.5)
        expect(Number.isNaN(us[1])).toBe(point === undefined)
        if (!point) return
        expect(us[1]).toBeCloseTo(point[0], 4)
        expect(vs[1]).toBeCloseTo(point[1], 4)
        const [backX, backY] = view.toImage(...point)
        expect(backX).toBeCloseTo(x + 0.5, 4)
        expect(backY).toBeCloseTo(y + 0.5, 4)
      }),
    )
  })

  it('looks where it is told to, upright and at native resolution', () => {
    const view = perspective(panorama, { yaw: Math.PI / 2, pitch: -Math.PI / 3, focal: FOCAL, centre: [50, 50] })
    expect(view.toImage(50, 50)[0]).toBeCloseTo(180)
    expect(view.toImage(50, 50)[1]).toBeCloseTo(300)
    expect(view.toImage(50, 49)[1]).toBeCloseTo(299, 1)
    // A degree of longitude is half as long there.
    expect(view.toImage(51, 50)[0]).toBeCloseTo(182, 1)
    expect(view.toView(540, 60)).toBeUndefined()
  })
})

describe('the box in the image of a box in a view', () => {
  it('holds all of it, and begins inside the image', () => {
    fc.assert(
      fc.property(
        views,
        boxes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (view, box, s, t) => {
          const [x1, y1, x2, y2] = grow(imageBox(view, box), 0.05, 0.05)
          const [x, y] = view.toImage(box[0] + s * (box[2] - box[0]), box[1] + t * (box[3] - box[1]))
          expect(y >= y1 - 1 && y <= y2 + 1).toBe(true)
          expect([-1, 0, 1].some(turn => x + turn * 720 >= x1 - 1 && x + turn * 720 <= x2 + 1)).toBe(true)
          const [left, top, right, bottom] = imageBox(view, box)
          expect(left >= 0 && left < 720 && right - left <= 720 && top >= 0 && bottom <= 360).toBe(true)
        },
      ),
    )
  })

  it('continues across the seam, and is as wide as the image around a pole', () => {
    expect(imageBox(rolled(panorama, 360), [350, 10, 380, 20])).toEqual([710, 10, 740, 20])
    const up = perspective(panorama, { yaw: 1, pitch: Math.PI / 2, focal: FOCAL, centre: [100, 100] })
    const [left, top, right] = imageBox(up, [80, 80, 120, 120])
    expect([left, top, right]).toEqual([0, 0, 720])
  })
})

describe('sharedParts', () => {
  it('is the same whatever views two boxes are given in', () => {
    const box: Box = [100, 150, 130, 200]
    const half: Box = [115, 150, 145, 200]
    const [a, b] = [rolled(panorama, 0), rolled(panorama, 500)]
    const moved = asSeenIn(b, { projection: a, box: half })!
    expect(moved[0]).toBeCloseTo(335)
    const [ofBox, ofHalf] = sharedParts({ projection: a, box }, { projection: b, box: moved })
    expect(ofBox).toBeCloseTo(0.5)
    expect(ofHalf).toBeCloseTo(0.5)
    const view = perspective(panorama, { yaw: (115 / 720) * 2 * Math.PI, pitch: 0, focal: FOCAL, centre: [50, 50] })
    const seen = asSeenIn(view, { projection: a, box })!
    for (const part of sharedParts({ projection: a, box }, { projection: view, box: seen })) expect(part).toBeGreaterThan(0.9)
    expect(sharedParts({ projection: a, box }, { projection: a, box: [500, 150, 530, 200] })).toEqual([0, 0])
  })
})

describe('resample', () => {
  // Gray values that rise along rows and columns, with no jump at the seam.
  const data = new Uint8Array(720 * 360 * 3)
  const value = (x: number, y: number) => 100 + 60 * Math.cos((x / 720) * 2 * Math.PI) + y / 6
  for (let i = 0; i < 720 * 360; i++) data.fill(value((i % 720) + 0.5, Math.floor(i / 720) + 0.5), 3 * i, 3 * i + 3)
  const image = { ...panorama, channels: 3 as const, data }

  it('takes every px from where the projection says, at the seam and the poles as well', () => {
    fc.assert(
      fc.property(views, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (view, left, top) => {
        const pixels = resample(image, view, [left, top, left + 21, top + 19])
        for (const [u, v] of [
          [0, 0],
          [20, 18],
          [7, 8],
          [12, 3],
        ]) {
          const [x, y] = view.toImage(left + u + 0.5, top + v + 0.5)
          expect(Math.abs(pixels[3 * (v * 21 + u)] - value(x, Math.min(359.5, Math.max(0.5, y))))).toBeLessThan(2.5)
        }
      }),
    )
  })
})
