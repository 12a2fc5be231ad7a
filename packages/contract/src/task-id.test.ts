import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimal } from './responses.js'
import { createTime, readTaskId } from './task-id.js'

describe('createTime', () => {
  it.each([
    [1690264444814157, '2023-07-25T05:54:04.814157'],
    [1689161328607410, '2023-07-12T11:28:48.607410'],
    [1700000000000000, '2023-11-14T22:13:20.000000'],
  ])('%i was created at %s', (id, time) => {
    expect(createTime(id)).toBe(time)
  })
})

describe('readTaskId', () => {
  it('tells integers from other text, and possible ids from impossible ones', () => {
    expect(readTaskId('1690264444814157')).toBe(1690264444814157)
    for (const text of ['abc', '1.5', '', '0x1', '1e3', '١٢']) expect(readTaskId(text), text).toBeNaN()
    for (const text of ['-5', '0', '9'.repeat(30)]) expect(readTaskId(text), text).toBeUndefined()
  })
})

describe('decimal', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [0.35, '0.35'],
    [91, '91'],
    [1e-7, '0.0000001'],
    [1.25e-9, '0.00000000125'],
  ])('%d is "%s"', (value, text) => {
    expect(decimal(value)).toBe(text)
  })

  it('reads back as the same number, without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10_000, noNaN: true }), value => {
        expect(decimal(value)).toMatch(/^\d+(\.\d+)?$/)
        expect(Number(decimal(value))).toBe(value)
      }),
    )
  })
})
