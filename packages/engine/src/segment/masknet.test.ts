import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseManifest, type SegmenterManifest } from '../detect/manifest.js'
import type { Detection } from '../detection.js'
import type { Raster } from '../image.js'
import { loadMaskNet, type MaskNet, maskOfLogits } from './masknet.js'
import { pixelCount, runsOfRow } from './runs.js'
import { segment } from './segment.js'

describe('the mask of logits', () => {
  test('holds the pixels whose bilinearly enlarged logit exceeds the threshold', () => {
    const logits = fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: 20, maxLength: 20 })
    const side = fc.integer({ min: 1, max: 40 })
    const start = fc.integer({ min: -20, max: 30 })
    fc.assert(
      fc.property(logits, start, start, side, side, (values, left, top, width, height) => {
        const grid = { width: 5, height: 4, values: Float32Array.from(values) }
        const mask = maskOfLogits(grid, 1, { left, top, width, height }, { width: 30, height: 30 })
        for (let y = 0; y < 30; y++) {
          const runs = [...runsOfRow(mask, y)]
          for (let x = 0; x < 30; x++) {
            const inside = x >= left && x < left + width && y >= top && y < top + height
            const logit = inside ? sample(grid, ((x - left + 0.5) * 5) / width - 0.5, ((y - top + 0.5) * 4) / height - 0.5) : -9
            // On the threshold itself rounding decides.
            const found = runs.some(([from, to]) => x >= from && x < to)
            if (Math.abs(logit - 1) > 1e-3 && found !== logit > 1) throw new Error(`${x}, ${y}: logit ${logit}, found ${found}`)
          }
        }
      }),
    )
  })

  /** Bilinear interpolation, the border repeated outwards. */
  function sample(grid: { width: number; height: number; values: Float32Array }, u: number, v: number): number {
    const at = (i: number, j: number) =>
      grid.values[Math.min(grid.height - 1, Math.max(0, j)) * grid.width + Math.min(grid.width - 1, Math.max(0, i))]
    const [i, j] = [Math.floor(u), Math.floor(v)]
    const [s, t] = [u - i, v - j]
    return (at(i, j) * (1 - s) + at(i + 1, j) * s) * (1 - t) + (at(i, j + 1) * (1 - s) + at(i + 1, j + 1) * s) * t
  }
})

describe('the network', () => {
  const models = fileURLToPath(new URL('../../../../models', import.meta.url))
  let net: MaskNet

  beforeAll(async () => {
    const file = `${models}/manifests/mask.json`
    net = await loadMaskNet(parseManifest(await readFile(file, 'utf8'), file) as SegmenterManifest, models, { threads: 1 })
  })
  afterAll(() => net.close())

  /** Dark figures (head and body) on a light ground, their boxes beside them. */
  function figures(count: number, shift = 0): { raster: Raster; detections: Detection[] } {
    const [width, height] = [900, 400]
    const raster = { width, height, data: new Uint8Array(width * height * 3).fill(200) }
    const detections = Array.from({ length: count }, (_, i): Detection => {
      const [x, y] = [60 + 70 * i + shift, 60 + 10 * (i % 3)]
      return { class: i % 4 === 3 ? 'vehicle' : 'person', score: 0.9, box: [x, y, x + 60, y + 180] }
    })
    for (const { box } of detections) {
      for (let y = box[1]; y < box[3]; y++) {
        for (let x = box[0]; x < box[2]; x++) {
          const head = Math.hypot(x - box[0] - 30, y - box[1] - 22) < 20
          const body = y > box[1] + 45 && Math.abs(x - box[0] - 30) < 26
          if (head || body) raster.data.fill(head ? 120 : 40, 3 * (y * width + x), 3 * (y * width + x) + 3)
        }
      }
    }
    return { raster, detections }
  }

  test('outlines a figure better than its box', async () => {
    const { raster, detections } = figures(1)
    const [mask] = await net.outline(raster, detections)
    let hit = 0
    let figure = 0
    for (let y = 0; y < raster.height; y++) {
      const runs = [...runsOfRow(mask!, y)]
      for (let x = 0; x < raster.width; x++) {
        const dark = raster.data[3 * (y * raster.width + x)] < 150
        figure += Number(dark)
        hit += Number(dark && runs.some(([start, end]) => x >= start && x < end))
      }
    }
    expect(hit / figure).toBeGreaterThan(0.95)
    expect(hit / pixelCount(mask!)).toBeGreaterThan(figure / (60 * 180))
  })

  test('gives each object the same outline alone and among many', async () => {
    const { raster, detections } = figures(11)
    const together = await net.outline(raster, detections)
    for (const i of [0, 7, 8, 10]) {
      const [alone] = await net.outline(raster, [detections[i]])
      // Sums may be taken in another order for another batch: a pixel on the threshold can differ.
      expect(Math.abs(pixelCount(alone!) - pixelCount(together[i]!))).toBeLessThanOrEqual(2)
      expect(alone!.top).toBe(together[i]!.top)
    }
  })

  test('an outline moves with its object', async () => {
    const [here] = await net.outline(...(Object.values(figures(1)) as [Raster, Detection[]]))
    const [there] = await net.outline(...(Object.values(figures(1, 13)) as [Raster, Detection[]]))
    expect([...there!.runs]).toEqual([...here!.runs].map(column => column + 13))
  })

  test('gives tiny objects, faces and plates plain shapes', async () => {
    const { raster } = figures(1)
    const tiny: Detection = { class: 'person', score: 1, box: [60, 60, 72, 90] }
    const face: Detection = { class: 'face', score: 1, box: [60, 60, 160, 160] }
    expect(await net.outline(raster, [tiny, face])).toEqual([undefined, undefined])
  })

  test('the middle of a box belongs to its object, whatever the network says', async () => {
    const { raster, detections } = figures(4)
    const masks = await net.outline(raster, detections)
    detections.forEach(({ box: [x1, y1, x2, y2] }, i) => {
      const [reachX, reachY] = [0.3 * (x2 - x1), 0.3 * (y2 - y1)]
      const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2]
      const middle = [x - reachX, y - reachY, x + reachX, y + reachY] as const
      expect(pixelCount(masks[i]!, middle)).toBe(Math.round(2 * reachX) * Math.round(2 * reachY))
    })
  })

  test('an outline that misses the object gives way to a superellipse', async () => {
    const even: Raster = { width: 400, height: 400, data: new Uint8Array(400 * 400 * 3).fill(127) }
    const person: Detection = { class: 'person', score: 1, box: [100, 100, 300, 300] }
    const [region] = await segment(even, [person], { bbox: false, ignores: [], maskNet: net })
    expect(pixelCount(region.mask, person.box)).toBeGreaterThan(0.25 * 200 * 200)
  })
})

test('each class has its form; bbox makes all of them rectangles', async () => {
  const raster: Raster = { width: 200, height: 200, data: new Uint8Array(200 * 200 * 3) }
  const found = (['face', 'license_plate', 'person', 'vehicle'] as const).map(
    (name): Detection => ({ class: name, score: 1, box: [50, 50, 150, 150] }),
  )
  const regions = await segment(raster, found, { bbox: false, ignores: [] })
  expect(regions.map(({ shape }) => shape)).toEqual(['superellipse', 'rectangle', 'outline', 'outline'])
  const [face, plate, person, vehicle] = regions.map(({ mask }) => pixelCount(mask) / 100 ** 2)
  // Area of a superellipse: 4 * gamma(1 + 1/n)^2 / gamma(1 + 2/n) of a quarter box.
  expect(face).toBeCloseTo(0.927, 2)
  expect(plate).toBe(1)
  expect(person).toBeCloseTo(0.8833, 2)
  expect(vehicle).toBe(person)
  for (const { shape, mask } of await segment(raster, found, { bbox: true, ignores: [] })) {
    expect(shape).toBe('rectangle')
    expect(pixelCount(mask)).toBe(100 ** 2)
  }
})

test('a tiny face is covered to the corners of its box', async () => {
  const raster: Raster = { width: 100, height: 100, data: new Uint8Array(100 * 100 * 3) }
  const faces: Detection[] = [20, 40].map(side => ({ class: 'face', score: 1, box: [10, 10, 10 + side, 10 + side] }))
  const [tiny, larger] = await segment(raster, faces, { bbox: false, ignores: [] })
  expect(tiny.shape).toBe('rectangle')
  expect(pixelCount(tiny.mask)).toBe(20 * 20)
  expect(larger.shape).toBe('superellipse')
  expect(pixelCount(larger.mask)).toBeLessThan(40 * 40)
})

test('500 large objects on a panorama need little memory', async () => {
  const raster: Raster = { width: 11000, height: 5500, data: new Uint8Array() }
  const found = Array.from({ length: 500 }, (_, i): Detection => {
    const [x, y] = [(i * 977) % 9000, (i * 613) % 3000]
    return { class: i % 2 ? 'person' : 'vehicle', score: 0.5, box: [x, y, x + 1500, y + 1000] }
  })
  const regions = await segment(raster, found, { bbox: false, ignores: [] })
  const bytes = regions.reduce((sum, { mask }) => sum + mask.offsets.byteLength + mask.runs.byteLength, 0)
  expect(bytes).toBeLessThan(16 * 1024 ** 2)
})
