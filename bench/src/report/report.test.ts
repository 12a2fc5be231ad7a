import { describe, expect, test } from 'vitest'
import { mean, median, quantile } from './statistics.js'
import { markdown } from './table.js'

describe('statistics', () => {
  test('the median of an odd number of samples is the middle one, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5)
  })
  test('a quantile is one of the samples, the largest at most', () => {
    const samples = Array.from({ length: 100 }, (_, i) => i + 1)
    expect(quantile(samples, 0)).toBe(1)
    expect(quantile(samples, 0.95)).toBe(96)
    expect(quantile(samples, 1)).toBe(100)
  })
  test('there is no median and no mean of nothing', () => {
    expect(median([])).toBeNaN()
    expect(mean([])).toBeNaN()
  })
  test('the samples are not changed', () => {
    const samples = [3, 1, 2]
    median(samples)
    expect(samples).toEqual([3, 1, 2])
  })
})

test('a table is Markdown with padded columns, its title above and its note below', () => {
  const table = {
    title: 'Cost',
    head: ['image', 'ms'],
    rows: [
      ['street', 12],
      ['a', 5],
    ],
    note: 'One run.',
  }
  expect(markdown(table)).toBe(
    ['Cost', '', '| image  | ms  |', '|--------|-----|', '| street | 12  |', '| a      | 5   |', '', 'One run.'].join('\n'),
  )
})
