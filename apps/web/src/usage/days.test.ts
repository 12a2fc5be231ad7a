import { describe, expect, test } from 'vitest'
import { axisEnd, byDay, lastDays, total, totalStorage } from './days.js'

const of = (day: string, done: number) => ({
  ...{ day, done, failed: 1, megapixels: 2, seconds: 3, uploaded_bytes: 4 },
  detections: { face: done, person: 0, license_plate: 1, vehicle: 0 },
})

describe('usage', () => {
  test('has each day once, whatever the clock of the reader says, also over the end of a month', () => {
    expect(lastDays(3, Date.UTC(2026, 2, 1, 23, 59))).toEqual(['2026-02-27', '2026-02-28', '2026-03-01'])
  })

  test('is summed for each day over customers, and zero where nothing was done', () => {
    const days = byDay([of('2026-01-02', 2), of('2026-01-02', 5)], ['2026-01-01', '2026-01-02'])
    expect(days.map(({ day, done, failed, detections }) => [day, done, failed, detections.face])).toEqual([
      ['2026-01-01', 0, 0, 0],
      ['2026-01-02', 7, 2, 7],
    ])
    expect(total(days)).toMatchObject({ done: 7, seconds: 6, detections: { license_plate: 2 } })
    expect(totalStorage([1, 2].map(bytes => ({ tasks: 1, original_bytes: bytes, result_bytes: 0 })))).toEqual({
      tasks: 2,
      original_bytes: 3,
      result_bytes: 0,
    })
  })

  test.each([
    [0, 1],
    [0.03, 0.05],
    [1, 1],
    [3, 5],
    [73, 100],
    [1001, 2000],
  ])('of at most %f has an axis up to %f', (value, end) => {
    expect(axisEnd(value)).toBeCloseTo(end)
  })
})
