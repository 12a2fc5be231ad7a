import { DEFAULT_PARAMETERS, type EngineParameters } from '@obscura/contract/parameters'
import { describe, expect, test } from 'vitest'
import type { Detection } from '../detection.js'
import type { Box } from '../geometry.js'
import type { Pixels } from '../image.js'
import { located } from '../merge/on-sphere.js'
import { runsOfRow } from '../segment/runs.js'
import { segment } from '../segment/segment.js'
import { perspective, rolled } from '../sphere/projection.js'
import { render } from './render.js'

const [width, height] = [360, 180]

/** Every sample is 0 or 255: a mean of several is neither. */
function texture(): Pixels {
  let state = 12345
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 31 ? 255 : 0
  })
  return { width, height, channels: 3, data }
}

/** The panorama shifted by a number of columns. */
function turned({ data, ...size }: Pixels, columns: number): Pixels {
  const out = data.slice()
  for (let i = 0; i < width * height; i++) {
    const x = ((i % width) + columns) % width
    const from = 3 * (Math.floor(i / width) * width + x)
    out.set(data.subarray(from, from + 3), 3 * i)
  }
  return { ...size, data: out }
}

async function rendered(pixels: Pixels, detection: Detection, parameters: Partial<EngineParameters> = {}, reversible = false) {
  const all = { ...DEFAULT_PARAMETERS, ...parameters }
  const raster = { width, height, data: new Uint8Array(width * height * 3) }
  const regions = await segment(raster, [detection], all)
  const copy = { ...pixels, data: pixels.data.slice() }
  render(copy, regions, all, { reversible })
  return { region: regions[0], copy }
}

function changed(a: Pixels, b: Pixels): [x: number, y: number][] {
  return Array.from({ length: width * height }, (_, i) => i)
    .filter(i => [0, 1, 2].some(c => a.data[3 * i + c] !== b.data[3 * i + c]))
    .map(i => [i % width, Math.floor(i / width)])
}

const seamBox: Box = [340, 60, 385, 90]

describe('a region across the seam', () => {
  test.each(['face', 'license_plate'] as const)('of a %s looks as it would anywhere else', async name => {
    const pixels = texture()
    const across = located({ class: name, score: 1 }, { projection: rolled(pixels, 180), box: [160, 60, 205, 90] })
    expect(across.box).toEqual(seamBox)
    for (const method of ['pixelate', 'blacken'] as const) {
      const one = await rendered(pixels, across, { anonymization_method: method }, true)
      const other = await rendered(
        turned(pixels, 180),
        { class: name, score: 1, box: [160, 60, 205, 90] },
        { anonymization_method: method },
        true,
      )
      // The image between them rounds once more.
      const apart = turned(one.copy, 180).data.map((value, i) => Math.abs(value - other.copy.data[i]))
      expect(apart.every(value => value <= 1)).toBe(true)
      expect([...runsOfRow(one.region.mask, 75)][0][0]).toBe(0)
    }
  })

  test('keeps ignored pixels, and nothing of the others', async () => {
    const pixels = texture()
    const across = located({ class: 'vehicle', score: 1 }, { projection: rolled(pixels, 180), box: [160, 60, 205, 90] })
    const ignores = [{ topLeftX: 0, topLeftY: 70, width: 10, height: 10 }]
    const { copy } = await rendered(pixels, across, { bbox: true, ignores })
    const touched = new Set(changed(pixels, copy).map(([x, y]) => `${x} ${y}`))
    expect(touched.size).toBe(45 * 30 - 100)
    expect(touched.has('5 75')).toBe(false)
    expect(touched.has('11 75') && touched.has('345 75')).toBe(true)
  })
})

describe('a region at a pole', () => {
  const pixels = texture()
  const projection = perspective(pixels, { yaw: 1, pitch: -1.4, focal: width / (2 * Math.PI), centre: [50, 50] })
  const box: Box = [35, 40, 70, 62]

  test.each(['face', 'license_plate', 'person', 'vehicle'] as const)(
    'of a %s is the box as seen, not the box of that in the image',
    async name => {
      const { region, copy } = await rendered(pixels, located({ class: name, score: 1 }, { projection, box }))
      expect(region.box[2] - region.box[0]).toBe(width)
      const inside = changed(pixels, copy).map(([x, y]) => projection.toView(x + 0.5, y + 0.5)!)
      for (const [u, v] of inside) expect(u > 29 && u < 76 && v > 36 && v < 66).toBe(true)
      let covered = 0
      for (let y = region.mask.top; y < region.mask.bottom; y++) {
        for (const [start, end] of runsOfRow(region.mask, y)) {
          for (let x = start; x < end; x++) {
            covered++
            expect([0, 1, 2].some(c => copy.data[3 * (y * width + x) + c] !== pixels.data[3 * (y * width + x) + c])).toBe(true)
          }
        }
      }
      expect(covered).toBeGreaterThan(500)
    },
  )
})
