import { expect, test } from 'vitest'
import type { DraftRegion } from './draft.js'
import { sphereOutline } from './sphere-outline.js'

const region = (box: DraftRegion['box'], polygon?: DraftRegion['polygon']) => ({ box, polygon }) as DraftRegion

test('a box has a point at each corner, and along its edges one every two degrees', () => {
  const points = sphereOutline(region([100, 50, 120, 54]), 720)
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
  expect(sphereOutline(region([10, 10, 12, 12], polygon), 720)).toEqual(polygon)
})
