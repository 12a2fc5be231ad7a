import { describe, expect, it } from 'vitest'
import { isBlank } from './blank.js'

/** Gray values by place. */
function raster(width: number, height: number, gray: (x: number, y: number) => number) {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) data.fill(gray(i % width, Math.floor(i / width)), i * 3, i * 3 + 3)
  return { width, height, data }
}

describe('isBlank', () => {
  it('is true of black borders and of a noisy sky that darkens upwards', () => {
    const noise = (x: number, y: number) => ((x * 7919 + y * 104729) % 17) - 8
    expect(
      isBlank(
        raster(300, 200, () => 0),
        [0, 0, 300, 200],
      ),
    ).toBe(true)
    expect(
      isBlank(
        raster(300, 400, (x, y) => 100 + y / 10 + noise(x, y)),
        [0, 0, 300, 400],
      ),
    ).toBe(true)
  })

  it('is false where a small or faint thing stands out', () => {
    const inside = (x: number, y: number) => x >= 211 && x < 223 && y >= 103 && y < 107
    expect(
      isBlank(
        raster(300, 200, (x, y) => (inside(x, y) ? 60 : 20)),
        [0, 0, 300, 200],
      ),
    ).toBe(false)
    const blurred = (x: number, y: number) => 100 + 40 * Math.exp(-((x - 150) ** 2 + (y - 100) ** 2) / 800)
    expect(isBlank(raster(300, 200, blurred), [0, 0, 300, 200])).toBe(false)
  })

  it('is false where something stands out in one colour alone, as under a red lamp', () => {
    for (const channel of [0, 1, 2]) {
      const tinted = raster(300, 200, () => 20)
      for (let i = 0; i < 4000; i++) tinted.data[3 * i + channel] = i % 100
      expect(isBlank(tinted, [0, 0, 300, 200])).toBe(false)
    }
  })

  it('looks at the part alone', () => {
    const half = raster(200, 100, (x, y) => (x < 100 ? (x * y) % 256 : 30))
    expect(isBlank(half, [100, 0, 200, 100])).toBe(true)
    expect(isBlank(half, [0, 0, 200, 100])).toBe(false)
  })
})
