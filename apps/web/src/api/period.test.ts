import { afterEach, describe, expect, test, vi } from 'vitest'
import { periodOf } from './period.js'

afterEach(() => vi.unstubAllEnvs())

describe.each([
  ['UTC', '2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z', '2026-03-29', '2026-03-30'],
  // Clocks go forward on that day: it has 23 hours.
  ['Europe/Vienna', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '2026-03-28', '2026-03-30'],
  ['America/Los_Angeles', '2026-03-29T07:00:00Z', '2026-03-30T07:00:00Z', '2026-03-29', '2026-03-31'],
  ['Pacific/Kiritimati', '2026-03-28T10:00:00Z', '2026-03-29T10:00:00Z', '2026-03-28', '2026-03-30'],
])('a day in %s', (timeZone, start, end, firstDay, dayAfter) => {
  test('is from its midnight to the next one, within the requested days of UTC', () => {
    vi.stubEnv('TZ', timeZone)
    const period = periodOf('2026-03-29', '2026-03-29')
    expect(period).toMatchObject({ firstDay, dayAfter })
    const times = [Date.parse(start) - 1, Date.parse(start), Date.parse(end) - 1, Date.parse(end)]
    expect(times.map(period.contains)).toEqual([false, true, true, false])
  })
})

test('a period may be open at both ends', () => {
  expect(periodOf('', '')).toMatchObject({ firstDay: '2000-01-01', dayAfter: undefined })
  expect(periodOf('', '').contains(Date.now())).toBe(true)
  expect(periodOf('', '2026-03-29').contains(Date.parse('2026-04-02T00:00Z'))).toBe(false)
  expect(periodOf('2026-03-29', '').contains(Date.parse('2026-03-20T00:00Z'))).toBe(false)
})
