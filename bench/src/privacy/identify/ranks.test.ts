import { describe, expect, test } from 'vitest'
import { distance, figuresOf, firstOf, trial } from './ranks.js'

test('distance is Euclidean', () => {
  expect(distance(Float32Array.of(1, 2, 3), Float32Array.of(1, 5, 7))).toBe(5)
})

describe('trial', () => {
  test('counts the strangers that are nearer than the truth', () => {
    expect(trial(0.5, [0.1, 0.4, 0.6, 0.9])).toEqual({ nearer: 2, strangers: 4 })
  })

  test('strangers that look exactly alike come before or after at random', () => {
    const counts = Array.from({ length: 400 }, () => trial(1, [0, 1, 1, 1]).nearer)
    expect(new Set(counts)).toEqual(new Set([1, 2, 3, 4]))
  })
})

describe('first of a random gallery', () => {
  test.each([
    // Nobody nearer: always first. Everybody nearer: first only when alone.
    [10, { nearer: 0, strangers: 50 }, 1],
    [10, { nearer: 50, strangers: 50 }, 0],
    [1, { nearer: 50, strangers: 50 }, 1],
    // One of four is nearer: drawn with chance 1/4, 2/4, 4/4.
    [2, { nearer: 1, strangers: 4 }, 3 / 4],
    [3, { nearer: 1, strangers: 4 }, 2 / 4],
    [100, { nearer: 1, strangers: 4 }, 0],
  ])('of %d, %j: %d', (size, one, chance) => {
    expect(firstOf(size, one)).toBeCloseTo(chance)
  })

  test('is the fraction of galleries drawn by hand', () => {
    const strangers = Array.from({ length: 30 }, (_, i) => i)
    const draws = Array.from({ length: 4000 }, () => {
      const shuffled = strangers.map(key => ({ key, order: Math.random() })).sort((a, b) => a.order - b.order)
      return shuffled.slice(0, 9).every(({ key }) => key >= 3)
    })
    const fraction = draws.filter(Boolean).length / draws.length
    expect(Math.abs(firstOf(10, { nearer: 3, strangers: 30 }) - fraction)).toBeLessThan(0.05)
  })
})

test('without any knowledge, figures are those of chance', () => {
  const trials = Array.from({ length: 101 }, (_, nearer) => ({ nearer, strangers: 100 }))
  const { first, firstFive, meanRank } = figuresOf(trials)
  expect(first.ten).toBeCloseTo(1 / 10, 2)
  expect(first.hundred).toBeCloseTo(1 / 100, 2)
  expect(first.all).toBeCloseTo(1 / 101)
  expect(firstFive).toBeCloseTo(5 / 101)
  expect(meanRank).toBeCloseTo(1)
})
