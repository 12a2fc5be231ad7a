import { expect, test } from 'vitest'
import type { Raster } from '../image.js'
import { windowAround, writeCrop } from './crop.js'

const plain = { mean: [0, 0, 0], std: [1, 1, 1] }

/** Red rises to the right, green downwards, blue is even. */
function ramp(width: number, height: number): Raster {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) data.set([i % width, Math.floor(i / width), 100], 3 * i)
  return { width, height, data }
}

test('a window is the box with its margin, in whole pixels, never empty', () => {
  expect(windowAround([10, 20, 60, 120], 0.2)).toEqual({ left: 0, top: 0, width: 70, height: 140 })
  expect(windowAround([3.2, 3.2, 3.3, 3.3], 0.2)).toEqual({ left: 3, top: 3, width: 1, height: 1 })
})

test('at its own size a crop is the window itself', () => {
  const crop = new Float32Array(3 * 6 * 4)
  writeCrop(ramp(20, 20), { left: 5, top: 7, width: 6, height: 4 }, { width: 6, height: 4 }, plain, crop)
  for (let i = 0; i < 24; i++) {
    expect(crop[i]).toBeCloseTo(5 + (i % 6))
    expect(crop[24 + i]).toBeCloseTo(7 + Math.floor(i / 6))
    expect(crop[48 + i]).toBeCloseTo(100)
  }
})

test.each([
  [8, 'enlarged'],
  [16, 'shrunk to a half'],
  [120, 'shrunk by more than the samples it takes'],
])('a ramp %d px wide stays a ramp when %s', (side, _how) => {
  const crop = new Float32Array(3 * 12 * 12)
  writeCrop(ramp(140, 140), { left: 10, top: 4, width: side, height: side }, { width: 12, height: 12 }, plain, crop)
  const scale = side / 12
  for (let i = 1; i < 11; i++) {
    expect(Math.abs(crop[i] - (10 + (i + 0.5) * scale - 0.5))).toBeLessThan(Math.max(0.51, scale / 8))
    expect(Math.abs(crop[144 + 12 * i] - (4 + (i + 0.5) * scale - 0.5))).toBeLessThan(Math.max(0.51, scale / 8))
  }
})

test('outside the image every plane is 0 after mean and std', () => {
  const normalisation = { mean: [127.5, 127.5, 127.5], std: [63.75, 63.75, 63.75] }
  const white: Raster = { width: 10, height: 10, data: new Uint8Array(300).fill(255) }
  const crop = new Float32Array(3 * 20 * 20)
  writeCrop(white, { left: -10, top: 0, width: 20, height: 20 }, { width: 20, height: 20 }, normalisation, crop)
  expect(crop[0]).toBe(0)
  expect(crop[9]).toBe(0)
  expect(crop[10]).toBeCloseTo(2)
  expect(crop[9 * 20 + 19]).toBeCloseTo(2)
  expect(crop[10 * 20 + 19]).toBe(0)
})
