import { CLASSES, DEFAULT_PARAMETERS, type EngineParameters, type IgnoreArea } from '@obscura/contract/parameters'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Detection, Region } from '../detection.js'
import { type Box, clip } from '../geometry.js'
import type { Pixels } from '../image.js'
import { pixelCount, runsOfRow } from '../segment/runs.js'
import { segment } from '../segment/segment.js'
import { roundOut } from '../segment/shape.js'
import { render } from './render.js'

/**
 * Every sample is 0 or the maximum, at random: a mean of several pixels is neither, so a pixel that
 * keeps its value is seen.
 */
function texture(width: number, height: number, channels: 3 | 4 = 3, deep = false): Pixels {
  const length = width * height * channels
  const data = deep ? new Uint16Array(length) : new Uint8Array(length)
  let state = 12345
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    data[i] = state >>> 31 ? (deep ? 65535 : 255) : 0
  }
  return { width, height, channels, data }
}

async function regionsOf(pixels: Pixels, detections: Detection[], options: { bbox?: boolean; ignores?: IgnoreArea[] } = {}) {
  const raster = { width: pixels.width, height: pixels.height, data: new Uint8Array() }
  return segment(raster, detections, { bbox: options.bbox ?? false, ignores: options.ignores ?? [] })
}

function rendered(pixels: Pixels, regions: Region[], parameters: Partial<EngineParameters> = {}): Pixels {
  const copy = { ...pixels, data: pixels.data.slice() }
  render(copy, regions, { ...DEFAULT_PARAMETERS, ...parameters })
  return copy
}

/** RGB of a pixel. */
function colour({ data, width, channels }: Pixels, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * channels, (y * width + x) * channels + 3)]
}

function sameColour(before: Pixels, after: Pixels, x: number, y: number): boolean {
  const sample = (y * before.width + x) * before.channels
  return [0, 1, 2].every(c => before.data[sample + c] === after.data[sample + c])
}

function identical(before: Pixels, after: Pixels): boolean {
  return after.data.every((value, i) => value === before.data[i])
}

function isCovered(regions: Region[], x: number, y: number): boolean {
  return regions.some(({ mask }) => [...runsOfRow(mask, y)].some(([start, end]) => x >= start && x < end))
}

/** The farthest a region may reach by the default gradients. */
function reach({ class: name, box }: Region): Box {
  if (name === 'person' || name === 'vehicle') return roundOut(box)
  const [x1, y1, x2, y2] = roundOut(box)
  return roundOut([x1 - 0.15 * (x2 - x1), y1 - 0.15 * (y2 - y1), x2 + 0.15 * (x2 - x1), y2 + 0.15 * (y2 - y1)])
}

function isInside([x1, y1, x2, y2]: Box, x: number, y: number): boolean {
  return x >= x1 && x < x2 && y >= y1 && y < y2
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

describe('irreversibility', () => {
  test.each(['blur', 'pixelate', 'blacken'] as const)('%s leaves no picture in alpha', async anonymization_method => {
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

test.each(['blur', 'pixelate'] as const)('16-bit samples are treated as 8-bit ones: %s', async anonymization_method => {
  const parameters = { ...DEFAULT_PARAMETERS, anonymization_method }
  const [flat, deep] = [texture(120, 120), texture(120, 120, 3, true)]
  const regions = await regionsOf(flat, [{ class: 'face', score: 1, box: [20, 20, 100, 100] }])
  // Without noise, so that both can be compared.
  for (const pixels of [flat, deep]) render(pixels, regions, parameters, { reversible: true })
  const difference = Math.max(...flat.data.map((value, i) => Math.abs(value - deep.data[i] / 257)))
  expect(difference).toBeLessThanOrEqual(2)
})

test('an object smaller than a pixel is anonymized all the same', async () => {
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
