import { expect, test } from 'vitest'
import { around, bounded, fitted, zoomed } from './view-box.js'

const image = { width: 4000, height: 2000 }
const stage = { width: 1000, height: 800 }

test('the whole image is centred, and a small one is not enlarged', () => {
  expect(fitted(image, stage)).toEqual({ scale: 0.25, x: 0, y: 150 })
  expect(fitted({ width: 100, height: 100 }, stage)).toEqual({ scale: 1, x: 450, y: 350 })
})

test('zooming keeps the point under the pointer', () => {
  const at = { x: 700, y: 420 }
  const before = fitted(image, stage)
  const after = zoomed(before, 6, at, image, stage)
  expect(after.scale).toBe(1.5)
  expect((at.x - after.x) / after.scale).toBeCloseTo((at.x - before.x) / before.scale)
  expect((at.y - after.y) / after.scale).toBeCloseTo((at.y - before.y) / before.scale)
})

test('zooming ends at the whole image and at sixteen screen pixels a pixel', () => {
  const at = { x: 10, y: 10 }
  expect(zoomed(fitted(image, stage), 1e-9, at, image, stage)).toEqual(fitted(image, stage))
  expect(zoomed(fitted(image, stage), 1e9, at, image, stage).scale).toBe(16)
})

test('the image cannot be moved out of the stage', () => {
  expect(bounded({ scale: 1, x: 500, y: -5000 }, image, stage)).toEqual({ scale: 1, x: 0, y: -1200 })
})

test('a region comes to the middle of the stage, at a third of it', () => {
  const view = around([2000, 1000, 2100, 1100], image, stage)
  expect(view.scale).toBeCloseTo(800 / 300)
  expect(2050 * view.scale + view.x).toBeCloseTo(500)
  expect(1050 * view.scale + view.y).toBeCloseTo(400)
})

test('a tiny region is shown with what is around it', () => {
  const tiny = around([2000, 1000, 2012, 1008], image, stage)
  expect(tiny.scale).toBe(around([2000, 1000, 2040, 1040], image, stage).scale)
  expect(2006 * tiny.scale + tiny.x).toBeCloseTo(500)
})
