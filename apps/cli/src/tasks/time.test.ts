import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatAge, parseTime } from './time.js'

const NOW = Date.parse('2026-11-21T18:00:00Z')

test.each([
  ['45s', '2026-11-21T17:59:15.000Z'],
  ['30m', '2026-11-21T17:30:00.000Z'],
  ['2h', '2026-11-21T16:00:00.000Z'],
  ['3d', '2026-11-18T18:00:00.000Z'],
  ['1w', '2026-11-14T18:00:00.000Z'],
  ['2026-11-21', '2026-11-21T00:00:00.000Z'],
  ['2026-11-21T18:00Z', '2026-11-21T18:00:00.000Z'],
  ['2026-11-21T18:00:01.5+02:00', '2026-11-21T16:00:01.500Z'],
])('%s is %s', (text, time) => {
  expect(parseTime(text, NOW).toISOString()).toBe(time)
})

test.each(['', 'yesterday', '2', 'h', '-2h', '2 h', '1.5h', '9999999w', '999999w', '2026-13-01', '2026-11-21T18:00', '1'])(
  '"%s" is refused',
  text => {
    expect(() => parseTime(text, NOW)).toThrow(/^It must be a duration/)
  },
)

test('a duration is read as a time in the past', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 59 }), fc.constantFrom('s', 'm'), (count, unit) => {
      expect(formatAge(parseTime(`${count}${unit}`, NOW).toISOString(), NOW)).toBe(`${count}${unit}`)
    }),
  )
})

test('ages are shown in their largest unit', () => {
  const age = (seconds: number) => formatAge(new Date(NOW - seconds * 1000).toISOString(), NOW)
  expect([0, 59, 60, 3599, 3600, 86_399, 86_400, 8_000_000].map(age)).toEqual([
    '0s',
    '59s',
    '1m',
    '59m',
    '1h',
    '23h',
    '1d',
    '92d',
  ])
  expect(age(-5)).toBe('0s')
})
