import { expect, test } from 'vitest'
import type { Region } from '../api/corrections.js'
import { byDoubt, regionAt } from './doubt.js'

const region = (id: number, score: number, size: number): Region => ({
  ...{ id, class: 'face', score, box: [0, 0, size, size], source: 'detector', shape: 'superellipse' },
})

test('the least certain regions come first, a large one before a small one, and drawn ones last', () => {
  const regions = [region(0, 1, 500), region(1, 0.9, 10), region(2, 0.4, 10), region(3, 0.4, 100), region(4, 0.6, 10)]
  expect(byDoubt(regions).map(({ id }) => id)).toEqual([3, 2, 4, 1, 0])
})

test('a point picks the smallest region around it', () => {
  const regions = [region(0, 0.5, 100), region(1, 0.5, 20)]
  expect(
    [
      [10, 10],
      [50, 50],
      [200, 1],
    ].map(point => regionAt(regions, point)?.id),
  ).toEqual([1, 0, undefined])
})
