import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrate, logit, rawScore, sigmoid } from './score.js'

const scores = fc.double({ min: 0.001, max: 0.999, noNaN: true })
const calibrations = fc.tuple(fc.double({ min: 0.5, max: 4, noNaN: true }), fc.double({ min: -2, max: 5, noNaN: true }))

describe('calibrate', () => {
  it('keeps the order of scores and stays within 0..1', () => {
    fc.assert(
      fc.property(scores, scores, calibrations, (a, b, calibration) => {
        expect(Math.sign(calibrate(a, calibration) - calibrate(b, calibration)) * Math.sign(a - b)).toBeGreaterThanOrEqual(0)
        for (const score of [0, a, 1]) {
          expect(calibrate(score, calibration)).toBeGreaterThanOrEqual(0)
          expect(calibrate(score, calibration)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('is undone by rawScore', () => {
    const calibration = [1.93, -0.94]
    for (const raw of [0.05, 0.3, 0.9]) expect(rawScore(calibrate(raw, calibration), calibration)).toBeCloseTo(raw)
  })

  it('leaves the scores of a network without calibration', () => {
    expect(calibrate(0.3, undefined)).toBe(0.3)
    expect(rawScore(0.3, undefined)).toBe(0.3)
  })
})

describe('logit', () => {
  it('is the inverse of sigmoid, and finite at the ends', () => {
    expect(sigmoid(logit(0.2))).toBeCloseTo(0.2)
    expect(Number.isFinite(logit(0)) && Number.isFinite(logit(1))).toBe(true)
  })
})
