import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ObjectClass } from '@obscura/engine'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { coverBox, coveredFraction, noCoverage } from '../cover.js'
import type { LabelledObject, Photo } from '../labels.js'
import { compose, labelsOf } from './compose.js'
import { tableOf } from './figures.js'
import type { Outcome } from './measure.js'
import { asked, columnsOf, layOut, layOutAtSeam, type PlaceName, sizedPhoto } from './places.js'

const size = { width: 2048, height: 1024 }
const plate = { type: 'license_plate', bbox: [60, 30, 100, 50] } as const satisfies Photo['objects'][number]
const photo: Photo = {
  image: 'a.png',
  width: 160,
  height: 90,
  source: 'invented',
  labelled: ['license_plate'],
  complete: true,
  objects: [plate, { type: 'license_plate', bbox: [0, 0, 9, 9] }],
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panorama-'))
  // A blue photo in which the plate is red.
  const red = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#f00' } })
    .png()
    .toBuffer()
  await sharp({ create: { width: 160, height: 90, channels: 3, background: '#00f' } })
    .composite([{ input: red, left: 60, top: 30 }])
    .png()
    .toFile(join(folder, 'a.png'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('sizedPhoto', () => {
  it('cuts the part around the first object, with its labels, and ignores what it cuts', () => {
    const part = sizedPhoto({ ...photo, objects: [plate, { type: 'license_plate', bbox: [40, 30, 55, 50] }] }, 60)
    expect([part.left, part.top, part.width, part.height]).toEqual([50, 10, 60, 60])
    expect(part.objects).toMatchObject([
      { bbox: [10, 20, 50, 40], ignore: false },
      { bbox: [-10, 20, 5, 40], ignore: true },
    ])
  })
})

describe('columnsOf', () => {
  it('takes a photo once for every object, with what stands above or below, none twice', () => {
    const object = (type: ObjectClass, left: number): LabelledObject => ({ type, bbox: [left, 10, left + 20, 30] })
    const objects = [
      object('person', 5),
      object('face', 0),
      object('vehicle', 60),
      object('vehicle', 65),
      object('vehicle', 100),
      object('vehicle', 130),
    ]
    const columns = columnsOf({ ...photo, objects }, 3)
    expect(columns.map(column => asked(column).map(({ type, bbox }) => `${type} ${bbox[0]}`))).toEqual([
      ['face 0', 'person 5'],
      ['vehicle 60', 'vehicle 65'],
      ['vehicle 100'],
    ])
    for (const column of columns) expect(column.objects).toHaveLength(objects.length)
  })
})

describe('a panorama of photos', () => {
  it('shows every photo at every latitude, and across the seam, where its labels say', async () => {
    const sized = sizedPhoto(photo, 160)
    const panoramas = [...layOut([sized], size), ...layOutAtSeam([sized], size)]
    expect(panoramas.flat().map(({ place }) => place)).toEqual(['horizon', '30', '60', '80', 'seam', 'turned'])
    for (const placed of panoramas) {
      const { data } = await compose(folder, placed, size)
      const labels = labelsOf('a.jpg', placed, size)
      const isRed = (x: number, y: number) => data[3 * (y * size.width + (x % size.width))] > 200
      for (const { bbox } of labels.objects.filter((_, i) => i % 2 === 0)) {
        const [x1, y1, x2, y2] = bbox
        expect(isRed(Math.floor((x1 + x2) / 2), Math.floor((y1 + y2) / 2))).toBe(true)
        expect(isRed(Math.floor(x1) - 2, Math.floor(y1) - 2)).toBe(false)
      }
    }
  })

  it('puts an object of every photo across the seam and, in another panorama, the same away from it', () => {
    const photos = Array.from({ length: 20 }, () => sizedPhoto(photo, 160))
    const panoramas = layOutAtSeam(photos, size)
    const objectsAt = (place: PlaceName) =>
      panoramas.flatMap(placed => {
        const here = placed.filter(one => one.place === place)
        return here.flatMap(one => asked(one.photo).map(object => ({ object, ...labelsOf('a.jpg', [one], size).objects[0] })))
      })
    const [across, away] = [objectsAt('seam'), objectsAt('turned')]
    expect(across).toHaveLength(photos.length)
    for (const { bbox } of across) {
      const fraction = (size.width - bbox[0]) / (bbox[2] - bbox[0])
      expect(fraction).toBeGreaterThan(0.3)
      expect(fraction).toBeLessThan(0.7)
    }
    for (const { bbox } of away) expect(bbox[2]).toBeLessThan(size.width)
    expect(new Set(away.map(({ object }) => object))).toEqual(new Set(across.map(({ object }) => object)))
  })

  it('keeps the photos of stacks apart', () => {
    const tall = { ...photo, height: 150 }
    const panoramas = layOutAtSeam(
      Array.from({ length: 12 }, () => sizedPhoto(tall, 160)),
      size,
    )
    for (const placed of panoramas) {
      const seen = new Uint8Array(size.width * size.height)
      for (const { photo: shown, projection } of placed) {
        const px = new Set<number>()
        for (let v = 0; v <= shown.height; v += 2) {
          for (let u = 0; u <= shown.width; u += 2) {
            const [x, y] = projection.toImage(u, v)
            px.add(Math.floor(y) * size.width + Math.floor(x))
          }
        }
        expect([...px].filter(at => seen[at])).toHaveLength(0)
        for (const at of px) seen[at] = 1
      }
    }
  })

  it('has labels whose outlines contain what certainly belongs to the object', () => {
    const [placed] = layOut([sizedPhoto(photo, 160)], size)
    const [object] = labelsOf('a.jpg', placed, size).objects
    const coverage = noCoverage(size)
    coverBox(coverage, object.bbox)
    expect(coveredFraction(coverage, object)).toBe(1)
  })
})

describe('tableOf', () => {
  it('compares the same objects at two places, and takes photos for the trials', () => {
    const outcome = (image: string, place: Outcome['place'], covered: boolean[]): Outcome => ({
      image,
      place,
      name: 'license_plate',
      matches: objects[image].map((object, i) => ({
        object,
        size: 20,
        covered: { rectangles: covered[i], outlines: true },
        found: true,
      })),
      wrong: 1,
    })
    const objects: Record<string, LabelledObject[]> = {
      'a.png': [{ ...plate }, { ...plate }],
      'b.png': [{ ...plate }, { ...plate }],
    }
    const table = tableOf([
      outcome('a.png', 'horizon', [false, false]),
      outcome('b.png', 'horizon', [true, false]),
      outcome('a.png', '60', [true, true]),
      outcome('b.png', '60', [true, false]),
    ])
    expect(table.rows).toContainEqual(['license_plate', 'horizon', 4, '25.0 / 100.0', '', '', '1.00'])
    // Two photos with differences of 100 and 0 points: 50 +- 50, not the +- 29 of four objects.
    expect(table.rows).toContainEqual(['license_plate', '60', 4, '75.0 / 100.0', '+50.0 +- 50.0', '+0.0 +- 0.0', '1.00'])
  })
})
