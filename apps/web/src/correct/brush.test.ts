import { expect, test } from 'vitest'
import { boxOfMask, maskPath, strokeMask } from './brush.js'

const SIZE = { width: 100, height: 50 }

test('a dab covers a disc, whole pixels at its edge included', () => {
  const mask = strokeMask([[20, 20]], 5, SIZE)!
  expect(boxOfMask(mask)).toEqual([15, 15, 25, 25])
  expect(mask.rows[4]).toEqual([15, 25])
  const area = mask.rows.reduce((sum, [left, right]) => sum + right - left, 0)
  expect(area).toBeGreaterThanOrEqual(Math.PI * 25)
  expect(area).toBeLessThan(Math.PI * 36)
})

test('a stroke covers everything within its radius, and apart from a pixel at its edge nothing else', () => {
  const radius = 4
  const { top, rows } = strokeMask(
    [
      [10, 10],
      [60, 30],
    ],
    radius,
    SIZE,
  )!
  const away = (x: number, y: number) => {
    const along = Math.min(1, Math.max(0, ((x - 10) * 50 + (y - 10) * 20) / 2900))
    return Math.hypot(x - 10 - 50 * along, y - 10 - 20 * along)
  }
  for (let y = 0; y < 50; y++)
    for (let x = 0; x < 100; x++) {
      const row = rows[y - top] ?? []
      const isCovered = x >= row[0] && x < row[1]
      if (away(x + 0.5, y + 0.5) < radius - 0.1) expect(isCovered, `${x},${y}`).toBe(true)
      if (away(x + 0.5, y + 0.5) > radius + 1.5) expect(isCovered, `${x},${y}`).toBe(false)
    }
})

test('a stroke that goes back has two spans in a row, and what lies outside the image is cut off', () => {
  const mask = strokeMask(
    [
      [2, 40],
      [2, 5],
      [50, 5],
      [50, 60],
    ],
    4,
    SIZE,
  )!
  expect(mask.top + mask.rows.length).toBe(50)
  expect(mask.rows[30 - mask.top]).toEqual([0, 6, 46, 54])
  expect(strokeMask([[-20, 5]], 4, SIZE)).toBeUndefined()
})

test('the outline of equal rows is one rectangle', () => {
  expect(maskPath({ top: 3, rows: [[1, 4], [1, 4], [], [2, 3]] })).toBe('M1 3H4V5H1ZM2 6H3V7H2Z')
})
