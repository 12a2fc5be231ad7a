import { describe, expect, test } from 'vitest'
import type { Pixels } from '../image.js'
import { boxRadii, gaussian } from './gaussian.js'

/** Row y of the blurred image, one channel. */
function blurredRow(pixels: Pixels, sigma: number, y: number): number[] {
  const row = new Float32Array(3 * pixels.width)
  gaussian(pixels, [0, 0, pixels.width, pixels.height], sigma)(y, 0, pixels.width, row)
  return Array.from({ length: pixels.width }, (_, x) => row[3 * x])
}

function image(width: number, height: number, sample: (x: number, y: number) => number): Pixels {
  const data = new Uint16Array(width * height * 3)
  for (let i = 0; i < data.length; i++) data[i] = sample(Math.floor(i / 3) % width, Math.floor(i / 3 / width))
  return { width, height, channels: 3, data }
}

test.each([0.8, 1.5, 3, 5.6, 14, 40])('three boxes have the variance of a Gaussian of sigma %d', sigma => {
  const variance = boxRadii(sigma).reduce((sum, radius) => sum + ((2 * radius + 1) ** 2 - 1) / 12, 0)
  expect(Math.abs(Math.sqrt(variance) - sigma)).toBeLessThan(Math.max(0.18, 0.02 * sigma))
})

describe('the blur', () => {
  test('turns an edge into the Gaussian error function', () => {
    const sigma = 6
    const row = blurredRow(
      image(120, 60, x => (x < 60 ? 0 : 60_000)),
      sigma,
      30,
    )
    for (let x = 40; x < 80; x++) {
      const expected = 60_000 * 0.5 * (1 + erf((x + 0.5 - 60) / (sigma * Math.SQRT2)))
      expect(Math.abs(row[x] - expected)).toBeLessThan(60_000 * 0.012)
    }
  })

  test('is the same along both axes', () => {
    const across = blurredRow(
      image(50, 50, x => (x === 25 ? 60_000 : 0)),
      4,
      25,
    )
    const blur = gaussian(
      image(50, 50, (_, y) => (y === 25 ? 60_000 : 0)),
      [0, 0, 50, 50],
      4,
    )
    const down = Array.from({ length: 50 }, (_, y) => {
      const row = new Float32Array(3)
      blur(y, 25, 26, row)
      return row[0]
    })
    for (let i = 0; i < 50; i++) expect(Math.abs(across[i] - down[i])).toBeLessThanOrEqual(1)
  })

  test('leaves an even image even, at the borders too', () => {
    const row = blurredRow(
      image(20, 20, () => 12_345),
      9,
      0,
    )
    expect(new Set(row)).toEqual(new Set([12_345]))
  })

  test('takes in what surrounds the rectangle', () => {
    const pixels = image(60, 60, x => (x < 30 ? 0 : 60_000))
    const row = new Float32Array(3 * 10)
    gaussian(pixels, [30, 20, 40, 30], 4)(25, 30, 40, row)
    expect(row[0]).toBeLessThan(35_000)
    expect(row[27]).toBeGreaterThan(58_000)
  })
})

/** Abramowitz and Stegun 7.1.26, error below 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  return Math.sign(x) * (1 - tail * Math.exp(-x * x))
}
