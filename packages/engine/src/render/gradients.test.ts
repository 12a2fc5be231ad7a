import type { EngineParameters } from '@obscura/contract/parameters'
import { describe, expect, test } from 'vitest'
import type { Detection } from '../detection.js'
import type { Pixels } from '../image.js'
import { pixelCount } from '../segment/runs.js'
import { colour, isInside, regionsOf, rendered, sameColour, texture } from '../test/rendering.js'

describe('gradients', () => {
  /**
   * A white image whose faces and plates would be black: what is left of the white shows the
   * weight.
   */
  async function weightsAlongRow(parameters: Partial<EngineParameters>, found: Detection, y: number): Promise<number[]> {
    const white: Pixels = { width: 200, height: 100, channels: 3, data: new Uint8Array(200 * 100 * 3).fill(255) }
    const regions = await regionsOf(white, [found])
    // The object itself is black: with cells as large as the object the blur paints an even gray.
    for (let row = 0; row < 100; row++)
      for (let x = 0; x < 200; x++)
        if (isInside(found.box, x, row)) white.data.fill(0, 3 * (row * 200 + x), 3 * (row * 200 + x) + 3)
    const after = rendered(white, regions, { kernel_size_face: 1000, kernel_size_license_plate: 1000, ...parameters })
    return Array.from({ length: 200 }, (_, x) => colour(after, x, y)[0])
  }

  test.each(['face', 'license_plate'] as const)(
    '%s: full inside, fading linearly to the outer box, nothing beyond',
    async name => {
      const row = await weightsAlongRow({}, { class: name, score: 1, box: [50, 30, 150, 70] }, 50)
      // Outer box: 1.3 x 100 px wide, from 35 to 165.
      expect(row.slice(0, 35).every(value => value === 255)).toBe(true)
      expect(row.slice(165).every(value => value === 255)).toBe(true)
      const full = row[100]
      expect(row.slice(51, 149).every(value => Math.abs(value - full) <= 1)).toBe(true)
      for (let x = 35; x < 50; x++) {
        expect(row[x]).toBeGreaterThanOrEqual(row[x + 1])
        const weight = (x + 0.5 - 35) / 15
        expect(Math.abs(row[x] - (255 + weight * (full - 255)))).toBeLessThanOrEqual(1.5)
        expect(Math.abs(row[199 - x] - row[x])).toBeLessThanOrEqual(1)
      }
    },
  )

  test('a stop above 0 is full only in the smaller box', async () => {
    const parameters = { face_anonymization_gradient_start: 0.5, face_anonymization_gradient_stop: 0.2 }
    const white = await weightsAlongRow(parameters, { class: 'face', score: 1, box: [50, 30, 150, 70] }, 50)
    expect(white[24]).toBe(255)
    expect(white[26]).toBeLessThan(255)
    // Inside the object the original is black: it is full gray from the inner box (60..140) on,
    // darker just outside of it.
    expect(white[50]).toBeLessThan(white[60])
    expect(Math.abs(white[61] - white[100])).toBeLessThanOrEqual(1)
  })

  test('start and stop 0 change the mask alone', async () => {
    const before = texture(100, 100)
    const regions = await regionsOf(before, [{ class: 'face', score: 1, box: [20, 20, 80, 80] }])
    const after = rendered(before, regions, { face_anonymization_gradient_start: 0 })
    let changed = 0
    for (let i = 0; i < 100 * 100; i++) if (!sameColour(before, after, i % 100, Math.floor(i / 100))) changed++
    expect(changed).toBe(pixelCount(regions[0].mask))
  })
})
