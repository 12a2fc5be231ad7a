import { expect, test } from 'vitest'
import { type Mask, strokeMask } from './brush.js'
import { maskOutlines } from './mask-outline.js'

/** Pixels inside closed lines, by the rule of even and odd crossings. */
function filled(outlines: ReturnType<typeof maskOutlines>, width: number, height: number): boolean[] {
  const isInside = (x: number, y: number) => {
    let crossings = 0
    for (const outline of outlines)
      for (const [i, [ax, ay]] of outline.entries()) {
        const [bx, by] = outline[(i + 1) % outline.length]
        if (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) crossings++
      }
    return crossings % 2 === 1
  }
  return Array.from({ length: width * height }, (_, i) => isInside((i % width) + 0.5, Math.floor(i / width) + 0.5))
}

const pixels = ({ top, rows }: Mask, width: number, height: number) =>
  Array.from({ length: width * height }, (_, i) => {
    const [x, row] = [i % width, rows[Math.floor(i / width) - top] ?? []]
    return row.some((start, k) => k % 2 === 0 && start <= x && x < row[k + 1])
  })

test('a rectangle has its four corners', () => {
  const [outline, ...others] = maskOutlines(
    {
      top: 3,
      rows: [
        [2, 6],
        [2, 6],
      ],
    },
    0,
  )
  expect(others).toEqual([])
  expect([...outline].sort((a, b) => a[0] - b[0] || a[1] - b[1])).toEqual([
    [2, 3],
    [2, 5],
    [6, 3],
    [6, 5],
  ])
})

test('parts, holes, and parts that touch at a corner only are lines of their own', () => {
  const ring = {
    top: 0,
    rows: [
      [0, 3],
      [0, 1, 2, 3],
      [0, 3],
    ],
  }
  const corner = {
    top: 0,
    rows: [
      [0, 1],
      [1, 2],
    ],
  }
  for (const mask of [ring, corner]) {
    const outlines = maskOutlines(mask, 0)
    expect(outlines).toHaveLength(2)
    expect(filled(outlines, 4, 4)).toEqual(pixels(mask, 4, 4))
  }
})

test('spans that touch, overlap or are empty have no border between them', () => {
  const rows = [
    [2, 4, 4, 6],
    [2, 5, 4, 6, 8, 8],
  ]
  expect(maskOutlines({ top: 3, rows }, 0)).toEqual(
    maskOutlines(
      {
        top: 3,
        rows: [
          [2, 6],
          [2, 6],
        ],
      },
      0,
    ),
  )
})

test('without tolerance the lines enclose exactly the pixels of a stroke; with it nearly, by few corners', () => {
  const size = { width: 90, height: 70 }
  const stroke = strokeMask(
    [
      [10, 10],
      [70, 30],
      [20, 60],
      [15, 12],
    ],
    6,
    size,
  )!
  const expected = pixels(stroke, size.width, size.height)
  const exact = maskOutlines(stroke, 0)
  expect(filled(exact, size.width, size.height)).toEqual(expected)
  const rough = maskOutlines(stroke, 1)
  expect(rough).toHaveLength(exact.length)
  const wrong = filled(rough, size.width, size.height).filter((value, i) => value !== expected[i]).length
  expect(wrong).toBeLessThan(0.1 * expected.filter(Boolean).length)
  expect(rough.flat().length).toBeLessThan(exact.flat().length / 4)
})
