import { describe, expect, test } from 'vitest'
import { cut, lumaOf, type Plane } from './plane.js'
import { richardsonLucy, wiener } from './restore.js'
import { correlation, recovered, ssim } from './similarity.js'

/** Bars and a disc, as far from smooth as an image gets. */
function image(width = 64, height = 48): Plane {
  const values = Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    return (Math.hypot(x - 40, y - 24) < 12 ? 180 : 0) + (x % 16 < 8 ? 60 : 0) + 10
  })
  return { width, height, values }
}

/** A Gaussian blur by its definition, the border mirrored. */
function blurred({ width, height, values }: Plane, sigma: number): Plane {
  const reach = Math.ceil(4 * sigma)
  const mirror = (i: number, n: number) => {
    const k = ((i % (2 * n)) + 2 * n) % (2 * n)
    return k < n ? k : 2 * n - 1 - k
  }
  const result = new Float32Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    let sum = 0
    let weights = 0
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
        sum += weight * values[mirror(y + dy, height) * width + mirror(x + dx, width)]
        weights += weight
      }
    }
    result[i] = sum / weights
  }
  return { width, height, values: result }
}

describe('restoration', () => {
  const original = image()
  const soft = blurred(original, 2)

  test('Wiener undoes a blur of known width', () => {
    expect(ssim(original, soft)).toBeLessThan(0.7)
    expect(ssim(original, wiener(soft, 2, 1e-8))).toBeGreaterThan(0.8)
  })

  test('Wiener with much noise assumed stays near the blurred image', () => {
    expect(correlation(soft, wiener(soft, 2, 1e-1))).toBeGreaterThan(0.97)
  })

  test('Richardson-Lucy comes closer with every round', () => {
    const scores = richardsonLucy(soft, 2, [1, 10, 60]).map(plane => ssim(original, plane))
    expect(scores).toHaveLength(3)
    expect(scores[0]).toBeGreaterThan(ssim(original, soft))
    expect(scores[1]).toBeGreaterThan(scores[0])
    expect(scores[2]).toBeGreaterThan(scores[1])
  })

  test('a wrong width restores worse', () => {
    expect(ssim(original, wiener(soft, 5, 1e-6))).toBeLessThan(ssim(original, wiener(soft, 2, 1e-6)))
  })
})

describe('similarity', () => {
  const original = image()

  test('equal planes', () => {
    expect(correlation(original, original)).toBeCloseTo(1)
    expect(ssim(original, original)).toBeCloseTo(1)
  })

  test('a negative, an even plane, a brighter one', () => {
    const negative = { ...original, values: original.values.map(value => 255 - value) }
    const even = { ...original, values: original.values.map(() => 100) }
    const brighter = { ...original, values: original.values.map(value => value + 40) }
    expect(correlation(original, negative)).toBeCloseTo(-1)
    expect(ssim(original, negative)).toBeLessThan(0)
    expect(correlation(original, even)).toBe(0)
    expect(correlation(original, brighter)).toBeCloseTo(1)
    expect(ssim(original, brighter)).toBeLessThan(0.95)
  })

  test.each([
    ['AB123CD', 'AB123CD', 1],
    ['AB123CD', 'AB128CD', 6 / 7],
    ['AB123CD', '', 0],
    ['AB123CD', 'B123CD', 6 / 7],
    ['ABC', 'XYZXYZXYZ', 0],
  ])('%s read as %s', (text, reading, fraction) => {
    expect(recovered(text, reading)).toBeCloseTo(fraction)
  })
})

test('luma of a box, and a part of it', () => {
  const data = new Uint8Array(4 * 3 * 3)
  data.set([255, 255, 255], 3 * (1 * 4 + 2))
  data.set([255, 0, 0], 3 * (2 * 4 + 3))
  const plane = lumaOf({ width: 4, height: 3, channels: 3, data }, [1, 1, 9, 9])
  expect(plane).toMatchObject({ width: 3, height: 2 })
  expect([...plane.values].map(Math.round)).toEqual([0, 255, 0, 0, 0, 76])
  expect([...cut(plane, [1, 0, 3, 2]).values].map(Math.round)).toEqual([255, 0, 0, 76])
})
