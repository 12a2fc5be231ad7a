import { expect, test } from 'vitest'
import { finished, inside } from './drawing.js'

const BRUSH = { radius: 4, image: { width: 640, height: 480 } }

test('a box may be drawn from any corner, and a slip of the hand draws none', () => {
  expect(
    finished(
      'box',
      [
        [30, 5],
        [10, 50],
      ],
      BRUSH,
    ),
  ).toEqual({ box: [10, 5, 30, 50] })
  expect(
    finished(
      'box',
      [
        [30, 5],
        [31, 50],
      ],
      BRUSH,
    ),
  ).toBeUndefined()
  expect(finished('box', [[30, 5]], BRUSH)).toBeUndefined()
})

test('a polygon needs three different corners in a row', () => {
  expect(
    finished(
      'polygon',
      [
        [0, 0],
        [9, 0],
        [9, 0],
      ],
      BRUSH,
    ),
  ).toBeUndefined()
  expect(
    finished(
      'polygon',
      [
        [0, 0],
        [9, 0],
        [9, 0],
        [0, 9],
      ],
      BRUSH,
    ),
  ).toEqual({
    polygon: [
      [0, 0],
      [9, 0],
      [0, 9],
    ],
  })
})

test('points outside the image are moved to its edge', () => {
  expect(inside([-5, 1000.123], { width: 640, height: 480 })).toEqual([0, 480])
  expect(inside([12.345, 6], { width: 640, height: 480 })).toEqual([12.3, 6])
})
