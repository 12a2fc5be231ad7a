import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRange } from './range.js'

test.each([
  ['bytes=0-3', { start: 0, end: 3 }],
  ['bytes=4-', { start: 4, end: 9 }],
  ['bytes=8-99999999999999999999', { start: 8, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-99', { start: 0, end: 9 }],
  ['bytes=10-', 'outside'],
  ['bytes=-0', 'outside'],
  ['bytes=5-4', undefined],
  ['bytes=0-1,4-5', undefined],
  ['bytes=-', undefined],
  ['bytes=a-b', undefined],
  ['lines=1-2', undefined],
  [undefined, undefined],
])('of ten bytes %s asks for %j', (header, range) => expect(readRange(header, 10)).toEqual(range))

test('no range leaves the file', () => {
  const position = fc.oneof(fc.constant(''), fc.nat(20))
  fc.assert(
    fc.property(position, position, fc.nat(15), (first, last, size) => {
      const range = readRange(`bytes=${first}-${last}`, size)
      if (typeof range !== 'object') return
      expect(range.start).toBeGreaterThanOrEqual(0)
      expect(range.start).toBeLessThanOrEqual(range.end)
      expect(range.end).toBeLessThan(size)
    }),
  )
})
