import type { IgnoreArea } from '@obscura/contract/parameters'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Detection } from '../detection.js'
import type { Size } from '../geometry.js'
import { segment } from '../segment/segment.js'
import { binaryMask, instanceMask } from './masks.js'

const size: Size = { width: 60, height: 40 }

async function regionsOf(detections: Detection[], ignores: IgnoreArea[] = []) {
  return segment({ ...size, data: new Uint8Array() }, detections, { bbox: true, ignores })
}

/** A decoded PNG: its channels as stored, and the samples of a pixel. */
async function decoded(png: Uint8Array) {
  const { channels, width, height, space } = await sharp(png).metadata()
  const { data, info } = await sharp(png).toColourspace(space!).raw().toBuffer({ resolveWithObject: true })
  expect(info.channels).toBe(channels)
  return {
    channels,
    width,
    height,
    data,
    at: (x: number, y: number) => [...data.subarray((y * width! + x) * channels!, (y * width! + x + 1) * channels!)],
  }
}

const person: Detection = { class: 'person', score: 0.6, box: [5, 5, 25, 35] }
const face: Detection = { class: 'face', score: 0.9, box: [10, 8, 18, 18] }
const vehicle: Detection = { class: 'vehicle', score: 0.8, box: [20, 20, 50, 38] }
const plate: Detection = { class: 'license_plate', score: 0.7, box: [30, 30, 40, 34] }

describe('binary mask', () => {
  test('is a gray PNG of the size of the image, white inside the regions', async () => {
    const mask = await decoded(await binaryMask(size, await regionsOf([person, plate]), 100))
    expect([mask.channels, mask.width, mask.height]).toEqual([1, 60, 40])
    expect(mask.at(5, 5)).toEqual([255])
    expect(mask.at(24, 34)).toEqual([255])
    expect(mask.at(4, 5)).toEqual([0])
    expect(mask.at(25, 34)).toEqual([0])
    expect(mask.data.reduce((sum, value) => sum + value, 0) / 255).toBe(20 * 30 + 10 * 4)
  })

  test('shows what is anonymized: not what is ignored', async () => {
    const ignores = [{ topLeftX: 0, topLeftY: 0, width: 15, height: 40 }]
    const mask = await decoded(await binaryMask(size, await regionsOf([person], ignores), 100))
    expect(mask.at(14, 20)).toEqual([0])
    expect(mask.at(15, 20)).toEqual([255])
  })

  test('is black when nothing was found', async () => {
    const mask = await decoded(await binaryMask(size, [], 100))
    expect([mask.width, mask.height]).toEqual([60, 40])
    expect(mask.data.every(value => value === 0)).toBe(true)
  })
})

describe('instance mask', () => {
  test('red is 0, green is the instance, blue adds the bits of the classes; the higher score lies on top', async () => {
    const mask = await decoded(await instanceMask(size, await regionsOf([person, face, vehicle, plate]), { scale: 100 }))
    expect(mask.channels).toBe(3)
    // Four instances: 64, 128, 191, 255 in the order of the detections.
    expect(mask.at(6, 6)).toEqual([0, 64, 128])
    expect(mask.at(12, 10)).toEqual([0, 128, 128 | 32])
    expect(mask.at(22, 22)).toEqual([0, 191, 128 | 16])
    expect(mask.at(35, 32)).toEqual([0, 191, 64 | 16])
    expect(mask.at(45, 25)).toEqual([0, 191, 16])
    expect(mask.at(0, 0)).toEqual([0, 0, 0])
  })

  test.each([
    ['pre-v26.02.1', [0, 85, 128], [0, 170, 192], [0, 255, 255]],
    ['oldest', [128, 85, 0], [192, 170, 0], [255, 255, 0]],
  ] as const)('layout %s tells the class of the uppermost object by its code', async (layout, ...expected) => {
    const mask = await decoded(await instanceMask(size, await regionsOf([person, face, vehicle]), { scale: 100, layout }))
    expect([mask.at(6, 6), mask.at(12, 10), mask.at(22, 22)]).toEqual(expected)
  })

  test('a plate is coded 64 in the older layouts', async () => {
    const mask = await decoded(await instanceMask(size, await regionsOf([plate]), { scale: 100, layout: 'oldest' }))
    expect(mask.at(35, 32)).toEqual([64, 255, 0])
  })

  test('is black when everything is ignored, and still RGB', async () => {
    const ignores = [{ topLeftX: 0, topLeftY: 0, width: 60, height: 40 }]
    const mask = await decoded(await instanceMask(size, await regionsOf([person, face], ignores), { scale: 100 }))
    expect(mask.channels).toBe(3)
    expect(mask.data.every(value => value === 0)).toBe(true)
  })

  test.each([1, 2, 254, 255, 256, 600])('%d instances: values are distinct up to 255 of them, never 0', async count => {
    const pixels = Array.from({ length: count }, (_, i): Detection => {
      const [x, y] = [i % 60, Math.floor(i / 60)]
      return { class: 'face', score: 0.5, box: [x, y, x + 1, y + 1] }
    })
    const mask = await decoded(await instanceMask(size, await regionsOf(pixels), { scale: 100 }))
    const values = pixels.map((_, i) => mask.at(i % 60, Math.floor(i / 60))[1])
    expect(Math.min(...values)).toBeGreaterThan(0)
    expect(new Set(values).size).toBe(Math.min(255, count))
  })
})

describe('mask scale', () => {
  test.each([
    [50, 30, 20],
    [33, 20, 13],
    [1, 1, 1],
    [0, 1, 1],
  ])('%d percent of 60 x 40 is %d x %d', async (scale, width, height) => {
    const regions = await regionsOf([person])
    for (const png of [await binaryMask(size, regions, scale), await instanceMask(size, regions, { scale })]) {
      const mask = await decoded(png)
      expect([mask.width, mask.height]).toEqual([width, height])
    }
  })

  test('reduces by nearest neighbour: each pixel is one of the full mask, without gray values', async () => {
    const regions = await regionsOf([person, vehicle, plate])
    const full = await decoded(await instanceMask(size, regions, { scale: 100 }))
    for (const scale of [70, 40, 13]) {
      const mask = await decoded(await instanceMask(size, regions, { scale }))
      for (let y = 0; y < mask.height!; y++) {
        for (let x = 0; x < mask.width!; x++) {
          const source = full.at(Math.floor(((x + 0.5) * 60) / mask.width!), Math.floor(((y + 0.5) * 40) / mask.height!))
          expect(mask.at(x, y), `${x}, ${y} at ${scale} %`).toEqual(source)
        }
      }
    }
  })
})
