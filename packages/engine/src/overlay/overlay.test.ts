import { describe, expect, test } from 'vitest'
import type { Detection } from '../detection.js'
import type { Pixels } from '../image.js'
import { segment } from '../segment/segment.js'
import { bitmapOf } from './digits.js'
import { drawOverlay } from './overlay.js'

function gray(width: number, height: number, channels: 3 | 4 = 3, deep = false): Pixels {
  const data = (deep ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels)).fill(
    deep ? 32896 : 128,
  )
  return { width, height, channels, data }
}

async function drawn(pixels: Pixels, detections: Detection[], score = false): Promise<Pixels> {
  const raster = { width: pixels.width, height: pixels.height, data: new Uint8Array() }
  drawOverlay(pixels, await segment(raster, detections, { bbox: false, ignores: [] }), { score })
  return pixels
}

function at({ data, width, channels }: Pixels, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels)]
}

const face: Detection = { class: 'face', score: 0.87, box: [40, 40, 80, 90] }
const YELLOW = [240, 228, 66]

describe('overlay', () => {
  test('frames the box, tints the mask, leaves the rest', async () => {
    const pixels = await drawn(gray(120, 120), [face])
    expect(at(pixels, 40, 40)).toEqual(YELLOW)
    expect(at(pixels, 79, 89)).toEqual(YELLOW)
    expect(at(pixels, 60, 65)).toEqual([167, 163, 106])
    // Inside the box, outside the ellipse.
    expect(at(pixels, 42, 42)).toEqual([128, 128, 128])
    expect(at(pixels, 39, 40)).toEqual([128, 128, 128])
    expect(at(pixels, 80, 90)).toEqual([128, 128, 128])
  })

  test('each class has its colour', async () => {
    const found = (['face', 'person', 'license_plate', 'vehicle'] as const).map((name, i): Detection => {
      return { class: name, score: 1, box: [30 * i, 10, 30 * i + 20, 40] }
    })
    const pixels = await drawn(gray(120, 60), found)
    expect(new Set(found.map(({ box }) => at(pixels, box[0], box[1]).join())).size).toBe(4)
  })

  test('lines grow with the image', async () => {
    const pixels = await drawn(gray(1600, 1600), [{ ...face, box: [400, 400, 1200, 1200] }])
    for (let i = 0; i < 4; i++) expect(at(pixels, 800, 400 + i)).toEqual(YELLOW)
    expect(at(pixels, 800, 404)).not.toEqual(YELLOW)
  })

  test('the score stands above the box, readable in the pixels', async () => {
    const pixels = await drawn(gray(120, 120), [face], true)
    const text = bitmapOf('0.87')
    const read = text.map((row, y) =>
      [...row].map((_, x) => (at(pixels, 41 + x, 32 + y).join() === '0,0,0' ? '#' : ' ')).join(''),
    )
    expect(read).toEqual(text)
    const without = await drawn(gray(120, 120), [face])
    expect(at(without, 42, 34)).toEqual([128, 128, 128])
  })

  test.each([
    [[-20, -30, 30, 20]],
    [[100, 90, 400, 300]],
    [[-50, -50, 500, 500]],
    [[0, 0, 1, 1]],
    [[119, 119, 120, 120]],
  ] as const)('a box at %j is drawn as far as the image goes, its score inside', async ([...box]) => {
    const pixels = await drawn(gray(120, 120), [{ ...face, box: [box[0], box[1], box[2], box[3]] }], true)
    let ink = 0
    for (let i = 0; i < pixels.data.length; i += 3) ink += Number(pixels.data[i] + pixels.data[i + 1] + pixels.data[i + 2] === 0)
    expect(ink).toBe(bitmapOf('0.87').join('').replaceAll(' ', '').length)
  })

  test('16-bit samples and alpha: the same colours in full depth, opaque', async () => {
    const pixels = await drawn(gray(120, 120, 4, true), [face])
    expect(at(pixels, 40, 40)).toEqual([...YELLOW.map(value => value * 257), 65535])
    expect(at(pixels, 60, 65)[3]).toBe(65535)
    expect(at(pixels, 10, 10)).toEqual([32896, 32896, 32896, 32896])
  })

  test('an image smaller than its score is accepted', async () => {
    await drawn(gray(1, 1), [{ ...face, box: [0, 0, 1, 1] }], true)
  })
})

test('only digits and points can be written', () => {
  expect(bitmapOf('1.0').map(row => row.length)).toEqual(Array(7).fill(5 + 1 + 1 + 1 + 5))
  expect(() => bitmapOf('1e-7')).toThrow(/No glyph for "e"/)
})
