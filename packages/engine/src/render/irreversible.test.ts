import { DEFAULT_PARAMETERS } from '@obscura/contract/parameters'
import { describe, expect, test } from 'vitest'
import type { Detection } from '../detection.js'
import type { Pixels } from '../image.js'
import { colour, identical, isCovered, regionsOf, rendered, texture } from '../test/rendering.js'
import { render } from './render.js'

describe('irreversibility', () => {
  test.each(['blur', 'pixelate', 'blacken'] as const)('%s leaves no image in alpha', async anonymization_method => {
    const before = texture(140, 200, 4)
    const regions = await regionsOf(before, [{ class: 'person', score: 0.9, box: [20, 10, 120, 190] }])
    const after = rendered(before, regions, { anonymization_method })
    const covered = [...Array(140 * 200).keys()].filter(i => isCovered(regions, i % 140, Math.floor(i / 140)))
    expect(covered.length).toBeGreaterThan(10_000)
    expect(new Set(covered.map(i => after.data[4 * i + 3])).size).toBe(1)
  })

  const person: Detection = { class: 'person', score: 0.9, box: [20, 10, 120, 190] }
  const face: Detection = { class: 'face', score: 0.9, box: [40, 40, 100, 120] }

  test.each(['blur', 'pixelate'] as const)('two runs of %s differ: the noise is fresh', async anonymization_method => {
    const before = texture(140, 200)
    const regions = await regionsOf(before, [person])
    const [first, second] = [
      rendered(before, regions, { anonymization_method }),
      rendered(before, regions, { anonymization_method }),
    ]
    expect(identical(first, second)).toBe(false)
  })

  test('a pixelated face holds a handful of colours even at the smallest kernel size', async () => {
    const before = texture(140, 200)
    const regions = await regionsOf(before, [face], { bbox: true })
    const parameters = { anonymization_method: 'pixelate', kernel_size_face: 3, face_anonymization_gradient_start: 0 } as const
    const after = rendered(before, regions, parameters)
    const colours = new Set<string>()
    for (let y = 40; y < 120; y++) for (let x = 40; x < 100; x++) colours.add(colour(after, x, y).join())
    expect(colours.size).toBeGreaterThan(1)
    expect(colours.size).toBeLessThanOrEqual(6 * 8)
  })

  test('a larger kernel size makes fewer cells', async () => {
    const before = texture(140, 200)
    const regions = await regionsOf(before, [face], { bbox: true })
    const colours = [0.35, 0.7, 1].map(kernel_size_face => {
      const parameters = { anonymization_method: 'pixelate', kernel_size_face, face_anonymization_gradient_start: 0 } as const
      const after = rendered(before, regions, parameters)
      return new Set(Array.from({ length: 60 * 80 }, (_, i) => colour(after, 40 + (i % 60), 40 + Math.floor(i / 60)).join())).size
    })
    expect(colours[0]).toBeGreaterThan(colours[1])
    expect(colours[1]).toBeGreaterThan(colours[2])
  })

  test('the floor holds under small kernel sizes, and reversible switches it off', async () => {
    const before = texture(140, 200)
    const regions = await regionsOf(before, [face])
    /** Mean difference of neighbours in the middle of the face: how much detail is left. */
    const detail = ({ data, width }: Pixels) => {
      let sum = 0
      for (let y = 60; y < 100; y++) {
        for (let i = 3 * (y * width + 60); i < 3 * (y * width + 80); i++) sum += Math.abs(data[i + 3] - data[i])
      }
      return sum / (40 * 20 * 3)
    }
    const safe = rendered(before, regions, { kernel_size_face: 3 })
    const plain = { ...before, data: before.data.slice() }
    render(plain, regions, { ...DEFAULT_PARAMETERS, kernel_size_face: 3 }, { reversible: true })
    expect(detail(safe)).toBeLessThan(4)
    expect(detail(plain)).toBeGreaterThan(20)
  })

  test('a gradient laid over a fully covered area reveals nothing', async () => {
    // Two faces side by side: each lies in the outer gradient of the other.
    const before = texture(200, 120)
    const found: Detection[] = [
      { class: 'face', score: 0.9, box: [20, 20, 100, 100] },
      { class: 'face', score: 0.9, box: [90, 25, 160, 95] },
    ]
    const regions = await regionsOf(before, found)
    const after = rendered(before, regions)
    // The texture is black and white; what covers it fully is near its mean.
    const extremes: number[] = []
    for (let y = 0; y < 120; y++) {
      for (let x = 0; x < 200; x++) {
        if (isCovered(regions, x, y)) extremes.push(...colour(after, x, y).filter(value => Math.abs(value - 127.5) > 90))
      }
    }
    expect(extremes).toEqual([])
  })
})
