import { type Area, DEFAULT_PARAMETERS, type StoredRegion } from '@obscura/contract/parameters'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Detection } from '../detection.js'
import { probe } from '../probe/probe.js'
import { rerenderImage } from '../rerender.js'
import { polygon } from '../segment/polygon.js'
import { pixelCount, runsOfRow } from '../segment/runs.js'
import { segment } from '../segment/segment.js'
import { perspective, rolled } from '../sphere/projection.js'
import { runPipeline } from '../test/pipeline.js'
import { areaRegions, NOT_A_PANORAMA } from './areas.js'
import { restoredRegion, storedRegion } from './stored.js'

const SIZE = { width: 80, height: 40 }

/** A PNG whose neighbouring pixels differ: what is painted shows. */
function checkered({ width, height } = SIZE): Promise<Buffer> {
  const data = Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (Math.floor(i / 3) % 2 ? 255 : 0)))
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}

const raw = (file: Uint8Array) => sharp(file).raw().toBuffer()

/** Whether each pixel of a file differs from the original. */
async function painted(before: Uint8Array, after: Uint8Array, { width } = SIZE) {
  const [a, b] = [await raw(before), await raw(after)]
  return (x: number, y: number) => [0, 1, 2].some(c => a[(y * width + x) * 3 + c] !== b[(y * width + x) * 3 + c])
}

describe('a polygon', () => {
  it('covers every pixel whose row it crosses, by the even-odd rule', () => {
    const triangle = polygon(
      [
        [0, 0],
        [8, 0],
        [0, 8],
      ],
      SIZE,
    )
    expect([...runsOfRow(triangle, 0)]).toEqual([[0, 8]])
    expect([...runsOfRow(triangle, 7)]).toEqual([[0, 1]])
    expect([...runsOfRow(triangle, 8)]).toEqual([])
  })

  it('thinner than a pixel still covers the pixels that it touches, and none outside the image', () => {
    const sliver = polygon(
      [
        [-5, 3.1],
        [200, 3.2],
        [-5, 3.2],
      ],
      SIZE,
    )
    expect([...runsOfRow(sliver, 3)]).toEqual([[0, 80]])
  })
})

describe('areas', () => {
  const mask = (area: Area) => areaRegions([area], SIZE, true)[0].mask

  it('in percent scale with the image, and around a pole are whole rows', () => {
    const box = mask({ box: [50, 50, 100, 100], unit: 'percent' })
    expect([box.top, box.bottom, ...runsOfRow(box, 20)]).toEqual([20, 40, [40, 80]])
    const nadir = mask({ nadir: 45 })
    expect([nadir.top, nadir.bottom, ...runsOfRow(nadir, 39)]).toEqual([30, 40, [0, 80]])
    const zenith = mask({ zenith: 9 })
    expect([zenith.top, zenith.bottom]).toEqual([0, 2])
  })

  it.each(['blur', 'pixelate', 'blacken'] as const)('are painted with %s even where an ignore area is', async method => {
    const file = await checkered()
    const ignores = [{ topLeftX: 0, topLeftY: 0, width: 80, height: 40 }]
    const areas: Area[] = [{ box: [10, 10, 30, 30], unit: 'pixels' }]
    const { image, detections } = await runPipeline(file, { anonymization_method: method, ignores, areas })
    const isPainted = await painted(file, image!)
    // Odd columns are white, and so differ from black.
    expect([isPainted(11, 11), isPainted(29, 29), isPainted(9, 20), isPainted(31, 20)]).toEqual([true, true, false, false])
    expect(detections).toEqual([])
  })

  it('have a method of their own, and are in both masks', async () => {
    const areas: Area[] = [{ box: [0, 0, 50, 100], unit: 'percent', method: 'blacken' }]
    const masks = { binary_segmentation_mask: true, instance_segmentation_mask: true }
    const output = await runPipeline(await checkered(), { areas, ...masks })
    expect((await raw(output.image!)).subarray(0, 40 * 3).every(sample => sample === 0)).toBe(true)
    const binary = await sharp(output.binaryMask).extractChannel(0).raw().toBuffer()
    expect([binary[0], binary[39], binary[40]]).toEqual([255, 255, 0])
    expect((await raw(output.instanceMask!))[2]).toBe(8)
  })

  it('around a pole are painted on a panorama from edge to edge, and left out with a warning elsewhere', async () => {
    const size = { width: 4096, height: 2048 }
    const file = await sharp({ create: { ...size, channels: 3, background: '#808080' } })
      .png({ compressionLevel: 1 })
      .toBuffer()
    const parameters = { areas: [{ nadir: 20, method: 'blacken' as const }], compress_level: 1 }
    const sphere = await runPipeline(file, { ...parameters, format: 'pano:4096' })
    const isPainted = await painted(file, sphere.image!, size)
    const bottom = Math.floor(2048 * (1 - 20 / 180))
    const columns = Array.from({ length: 64 }, (_, i) => i * 64 + 63)
    expect(columns.every(x => isPainted(x, bottom + 2) && isPainted(x, 2047))).toBe(true)
    expect(columns.some(x => isPainted(x, bottom - 2))).toBe(false)
    expect(sphere.warnings).toEqual([])
    const flat = await runPipeline(await checkered(), parameters)
    expect(flat.warnings).toEqual([NOT_A_PANORAMA])
  })
})

describe('a stored region', () => {
  it('comes back with the same pixels, view and form', async () => {
    const raster = { ...SIZE, data: new Uint8Array(80 * 40 * 3) }
    const camera = { yaw: 1, pitch: -0.7, focal: 13, centre: [3, 4] as const }
    const detections: Detection[] = [
      { class: 'face', score: 0.9, box: [10.5, 10.25, 40, 39] },
      { class: 'person', score: 0.8, box: [0, 0, 9, 30] },
      {
        class: 'license_plate',
        score: 0.7,
        box: [70, 10, 90, 20],
        seen: { projection: rolled(SIZE, 40), box: [30, 10, 50, 20] },
      },
      {
        class: 'vehicle',
        score: 0.6,
        box: [0, 25, 80, 40],
        seen: { projection: perspective(SIZE, camera), box: [-5, -5, 9, 9] },
      },
    ]
    const regions = await segment(raster, detections, { bbox: false, ignores: [] })
    const restored = regions.map((region, id) => restoredRegion(JSON.parse(JSON.stringify(storedRegion(region, id))), SIZE))
    restored.forEach(({ seen, always, method, ...region }, id) => {
      const { seen: before, ...rest } = regions[id]
      expect(region).toEqual({ ...rest, id })
      expect(seen?.box).toEqual(before?.box)
      expect(seen?.projection.toView(20, 30)).toEqual(before?.projection.toView(20, 30))
      expect([always, method]).toEqual([false, undefined])
    })
  })

  it('drawn by a user is rendered exactly, without a gradient and inside ignore areas', async () => {
    const file = await checkered()
    const common = { class: 'face', score: 1, source: 'user' } as const
    const regions: StoredRegion[] = [
      { ...common, id: 3, shape: 'outline', box: [10, 10, 30, 20], mask: { top: 10, rows: [[10, 12, 28, 30]] } },
      {
        ...common,
        id: 4,
        shape: 'outline',
        box: [40, 0, 60, 20],
        polygon: [
          [40, 0],
          [60, 0],
          [40, 20],
        ],
      },
      { ...common, id: 5, class: 'area', shape: 'rectangle', box: [70, 30, 80, 40], method: 'blacken' },
    ]
    const ignores = [{ topLeftX: 0, topLeftY: 0, width: 80, height: 40 }]
    const header = probe(file, { maximumPixels: 1e6, format: 'whole' })
    const parameters = { ...DEFAULT_PARAMETERS, ignores }
    const { image, detections } = await rerenderImage(file, { regions, isSound: true }, parameters, {}, header)
    const isPainted = await painted(file, image!)
    const inside = [isPainted(11, 10), isPainted(28, 10), isPainted(41, 1), isPainted(75, 35)]
    const outside = [
      isPainted(9, 10),
      isPainted(12, 10),
      isPainted(10, 9),
      isPainted(10, 11),
      isPainted(59, 19),
      isPainted(69, 35),
    ]
    expect(inside).toEqual([true, true, true, true])
    expect(outside).toEqual([false, false, false, false, false, false])
    expect(detections.map(({ id }) => id)).toEqual([3, 4])
    expect(pixelCount(restoredRegion(regions[0], SIZE).mask)).toBe(4)
  })
})
