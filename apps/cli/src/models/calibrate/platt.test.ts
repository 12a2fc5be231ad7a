import { expect, test } from 'vitest'
import { fitPlatt, type Sample } from './platt.js'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const logit = (p: number) => Math.log(p / (1 - p))

/** For each score as many samples as show the fraction that a and b give it. */
function samplesOf(a: number, b: number): Sample[] {
  return [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].flatMap(score => {
    const trueOnes = Math.round(500 * sigmoid(a * logit(score) + b))
    return Array.from({ length: 500 }, (_, i) => ({ score, isTrue: i < trueOnes }))
  })
}

test.each([
  [1, 0],
  [1.28, 0.69],
  [3.22, 1.91],
  [0.5, -2],
])('scores whose truth follows sigmoid(%f * logit + %f) give these back', (a, b) => {
  const fit = fitPlatt(samplesOf(a, b))!
  expect(fit[0]).toBeCloseTo(a, 1)
  expect(fit[1]).toBeCloseTo(b, 1)
})

test('scores that separate perfectly give a finite fit', () => {
  const samples = [...Array(30).keys()].map(i => ({ score: i < 15 ? 0.2 : 0.9, isTrue: i >= 15 }))
  const [a, b] = fitPlatt(samples)!
  expect(sigmoid(a * logit(0.9) + b)).toBeGreaterThan(0.9)
  expect(Math.abs(a) + Math.abs(b)).toBeLessThan(100)
})

test('without true or without false samples there is no fit', () => {
  expect(fitPlatt([])).toBeUndefined()
  expect(fitPlatt([{ score: 0.5, isTrue: true }])).toBeUndefined()
})
