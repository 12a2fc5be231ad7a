import { CLASSES, DEFAULT_PARAMETERS } from '@obscura/contract/parameters'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Detection, Region } from '../detection.js'
import { type Box, clip } from '../geometry.js'
import { roundOut } from '../segment/shape.js'
import { colour, identical, isCovered, isInside, regionsOf, rendered, sameColour, texture } from '../test/rendering.js'
import { render } from './render.js'

/** The farthest a region may reach by the default gradients. */
function reach({ class: name, box }: Region): Box {
  if (name === 'person' || name === 'vehicle') return roundOut(box)
  const [x1, y1, x2, y2] = roundOut(box)
  return roundOut([x1 - 0.15 * (x2 - x1), y1 - 0.15 * (y2 - y1), x2 + 0.15 * (x2 - x1), y2 + 0.15 * (y2 - y1)])
}

const size = fc.record({ width: fc.integer({ min: 1, max: 90 }), height: fc.integer({ min: 1, max: 90 }) })
const detection = fc
  .record({
    class: fc.constantFrom(...CLASSES),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    x: fc.double({ min: -20, max: 89, noNaN: true }),
    y: fc.double({ min: -20, max: 89, noNaN: true }),
    width: fc.double({ min: 0.5, max: 150, noNaN: true }),
    height: fc.double({ min: 0.5, max: 150, noNaN: true }),
  })
  .map(({ x, y, width, height, ...rest }): Detection => ({ ...rest, box: [x, y, x + width, y + height] }))
const detections = fc.array(detection, { minLength: 1, maxLength: 6 })
const method = fc.constantFrom('blur', 'pixelate', 'blacken' as const)

describe('on any image with any regions', () => {
  test('no pixel fully inside a region keeps its value, and nothing outside the regions and their gradients changes', async () => {
    const kind = fc.record({ channels: fc.constantFrom(3, 4 as const), deep: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        size,
        kind,
        detections,
        method,
        fc.boolean(),
        async (extent, { channels, deep }, found, anonymization_method, bbox) => {
          const { width, height } = extent
          const before = texture(width, height, channels, deep)
          // Black pixels would keep their value under a black region: there the texture is white.
          if (anonymization_method === 'blacken') before.data.fill(deep ? 65535 : 255)
          const regions = await regionsOf(before, found, { bbox })
          const after = rendered(before, regions, { anonymization_method })
          const kept: string[] = []
          const strayed: string[] = []
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              const changed = !sameColour(before, after, x, y)
              // A lone pixel of an image one pixel wide or high has too few neighbours for its mean
              // to differ surely.
              if (!changed && isCovered(regions, x, y) && width > 2 && height > 2) kept.push(`${x}, ${y}`)
              if (changed && !regions.some(region => isInside(reach(region), x, y))) strayed.push(`${x}, ${y}`)
            }
          }
          expect({ kept, strayed }).toEqual({ kept: [], strayed: [] })
        },
      ),
      { numRuns: 200 },
    )
  })

  test('ignore areas stay bit-identical', async () => {
    const area = fc.record({
      topLeftX: fc.integer({ min: -10, max: 90 }),
      topLeftY: fc.integer({ min: -10, max: 90 }),
      width: fc.integer({ min: 0, max: 60 }),
      height: fc.integer({ min: 0, max: 60 }),
    })
    await fc.assert(
      fc.asyncProperty(
        size,
        detections,
        method,
        fc.array(area, { maxLength: 3 }),
        async ({ width, height }, found, anonymization_method, ignores) => {
          const before = texture(width, height)
          const after = rendered(before, await regionsOf(before, found, { ignores }), { anonymization_method, ignores })
          for (const { topLeftX, topLeftY, ...extent } of ignores) {
            const [x1, y1, x2, y2] = clip([topLeftX, topLeftY, topLeftX + extent.width, topLeftY + extent.height], before)
            for (let y = y1; y < y2; y++) {
              for (let x = x1; x < x2; x++) if (!sameColour(before, after, x, y)) throw new Error(`${x}, ${y} changed`)
            }
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  test('16-bit samples and alpha: the same regions change, alpha outside of them does not', async () => {
    await fc.assert(
      fc.asyncProperty(size, detections, fc.boolean(), async ({ width, height }, found, deep) => {
        const before = texture(width, height, 4, deep)
        const regions = await regionsOf(before, found)
        const after = rendered(before, regions, { anonymization_method: 'blacken' })
        for (let i = 0; i < width * height; i++) {
          const [x, y] = [i % width, Math.floor(i / width)]
          const right = isCovered(regions, x, y)
            ? colour(after, x, y).every(value => value === 0)
            : sameColour(before, after, x, y)
          const keepsAlpha = isCovered(regions, x, y) || after.data[4 * i + 3] === before.data[4 * i + 3]
          if (!right || !keepsAlpha) throw new Error(`wrong at ${x}, ${y}`)
        }
      }),
      { numRuns: 50 },
    )
  })
})

test.each(['blur', 'pixelate'] as const)('16-bit samples are treated as 8-bit ones: %s', async anonymization_method => {
  const parameters = { ...DEFAULT_PARAMETERS, anonymization_method }
  const [flat, deep] = [texture(120, 120), texture(120, 120, 3, true)]
  const regions = await regionsOf(flat, [{ class: 'face', score: 1, box: [20, 20, 100, 100] }])
  // Without noise, so that both can be compared.
  for (const pixels of [flat, deep]) render(pixels, regions, parameters, { reversible: true })
  const difference = Math.max(...flat.data.map((value, i) => Math.abs(value - deep.data[i] / 257)))
  expect(difference).toBeLessThanOrEqual(2)
})

test('an object smaller than a pixel is anonymized nevertheless', async () => {
  const before = texture(9, 9)
  const after = rendered(before, await regionsOf(before, [{ class: 'face', score: 1, box: [4.1, 4.1, 4.4, 4.4] }]))
  expect(colour(after, 4, 4)).not.toEqual(colour(before, 4, 4))
})

test('detect leaves every pixel as it is', async () => {
  const before = texture(50, 50)
  const after = rendered(before, await regionsOf(before, [{ class: 'person', score: 1, box: [0, 0, 50, 50] }]), {
    anonymization_method: 'detect',
  })
  expect(identical(before, after)).toBe(true)
})

test('a detection inside an ignore area is not changed, nor is its gradient', async () => {
  const before = texture(100, 100)
  const ignores = [{ topLeftX: 30, topLeftY: 30, width: 40, height: 40 }]
  const regions = await regionsOf(before, [{ class: 'face', score: 1, box: [30, 30, 70, 70] }], { ignores })
  expect(identical(before, rendered(before, regions, { ignores }))).toBe(true)
})

test('hundreds of overlapping regions, larger than the image and over its borders', async () => {
  const before = texture(300, 200)
  const found = Array.from({ length: 400 }, (_, i): Detection => {
    const [x, y] = [((i * 37) % 340) - 40, ((i * 53) % 240) - 40]
    return { class: CLASSES[i % 4], score: (i % 10) / 10, box: [x, y, x + 10 + ((i * 7) % 500), y + 10 + ((i * 11) % 300)] }
  })
  const after = rendered(before, await regionsOf(before, found))
  // Everything is covered somewhere by now: black and white texture is gone.
  const extremes = after.data.filter(value => value === 0 || value === 255).length
  expect(extremes / after.data.length).toBeLessThan(0.01)
})
