import { expect, test } from 'vitest'
import type { Box } from '../geometry.js'
import { cellSize, kernelSize, sigmaOf, smallestCell } from './kernel.js'

const box: Box = [10, 20, 110, 60]

test.each([
  // A fraction of the longer side (100 px), rounded up to odd.
  [0.35, 35],
  [0.36, 37],
  [0.342, 35],
  [0.07, 7],
  [1, 101],
  // At least 3.
  [0.001, 3],
  [0, 3],
  // Pixels, made odd.
  [1.5, 3],
  [2, 3],
  [3, 3],
  [60, 61],
  [61, 61],
  [91, 91],
])('kernel size %d of a box 100 px long is %d px', (value, expected) => {
  expect(kernelSize(value, box)).toBe(expected)
})

test('a larger kernel never gives smaller cells', () => {
  let last = 0
  for (let kernel = 3; kernel < 500; kernel += 2) {
    const cell = cellSize(sigmaOf(kernel), true)
    expect(cell).toBeGreaterThan(last)
    expect(cellSize(sigmaOf(kernel), false)).toBeGreaterThan(cell)
    last = cell
  }
})

test('the floor leaves few cells, whatever the size of the object', () => {
  for (const scale of [1, 10, 50]) {
    const face: Box = [0, 0, 75 * scale, 100 * scale]
    const plate: Box = [0, 0, 110 * scale, 25 * scale]
    expect((75 * scale) / smallestCell('face', face)).toBeLessThanOrEqual(6)
    expect((25 * scale) / smallestCell('license_plate', plate)).toBeLessThanOrEqual(3)
    expect((100 * scale) / smallestCell('person', face)).toBeLessThanOrEqual(16)
    expect((110 * scale) / smallestCell('vehicle', plate)).toBeLessThanOrEqual(16)
  }
})
