import { expect, test } from 'vitest'
import type { DraftRegion } from './draft.js'
import { sphereOutlines } from './sphere-outline.js'

const region = (box: DraftRegion['box'], shape: Partial<DraftRegion> = {}) =>
  ({ box, source: 'detector', ...shape }) as DraftRegion

test('a box has a point at each corner, and along its edges one every two degrees', () => {
  const [points, ...others] = sphereOutlines(region([100, 50, 120, 54]), 720)
  expect(others).toEqual([])
  expect(points).toHaveLength(2 * (5 + 1))
  for (const corner of [
    [100, 50],
    [120, 50],
    [120, 54],
    [100, 54],
  ])
    expect(points).toContainEqual(corner)
  expect(points.slice(0, 3)).toEqual([
    [100, 50],
    [104, 50],
    [108, 50],
  ])
})

test('a small polygon keeps its points', () => {
  const polygon: DraftRegion['polygon'] = [
    [10, 10],
    [12, 10],
    [11, 12],
  ]
  expect(sphereOutlines(region([10, 10, 12, 12], { polygon }), 720)).toEqual([polygon])
})

test('what was painted is outlined, what a network has outlined is a box', () => {
  const mask = { top: 10, rows: Array.from({ length: 8 }, () => [20, 24, 30, 34]) }
  const box: DraftRegion['box'] = [20, 10, 34, 18]
  const painted = sphereOutlines(region(box, { mask, source: 'user' }), 7200)
  expect(painted.map(points => [points.length, Math.min(...points.map(([x]) => x))])).toEqual([
    [4, 20],
    [4, 30],
  ])
  expect(sphereOutlines(region(box, { mask }), 7200)).toEqual([
    [
      [20, 10],
      [34, 10],
      [34, 18],
      [20, 18],
    ],
  ])
})
