import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Photo } from './labels.js'
import { run } from './mosaic.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obscura-mosaic-'))
})
afterEach(() => rm(folder, { recursive: true }))

const size = { width: 60, height: 40 }

async function label(photos: Pick<Photo, 'source' | 'labelled' | 'objects'>[]): Promise<void> {
  const all = photos.map((photo, i) => ({ image: `${i}.jpg`, ...size, complete: true, ...photo }))
  for (const { image } of all) {
    await sharp({ create: { ...size, channels: 3, background: 'red' } })
      .jpeg()
      .toFile(join(folder, image))
  }
  await writeFile(join(folder, 'annotations.json'), JSON.stringify(all))
}

function paste(source: string[], classes: Photo['labelled'] = ['face', 'person', 'license_plate', 'vehicle']) {
  return run({ data: folder, source, class: classes, out: join(folder, 'out'), width: 200, height: 100 })
}

describe('mosaic', () => {
  it('pastes photos with all labels and shifts their objects', async () => {
    const person = { type: 'person', bbox: [10, 5, 30, 35] } as const
    await label([
      { source: 'street', labelled: ['person'], objects: [{ ...person, bbox: [...person.bbox] }] },
      { source: 'street', labelled: ['person'], objects: [{ ...person, bbox: [...person.bbox] }] },
    ])
    await paste(['street'])
    const [{ objects, ...mosaic }] = JSON.parse(await readFile(join(folder, 'out/annotations.json'), 'utf8'))
    expect(mosaic).toMatchObject({ width: 200, height: 100, labelled: ['person'], complete_types: ['person'] })
    expect(objects.map(({ bbox }: { bbox: number[] }) => bbox)).toEqual([
      [10, 5, 30, 35],
      [70, 5, 90, 35],
    ])
  })

  it('refuses sources of which no photo has all labels, and writes nothing', async () => {
    await label([
      { source: 'cars', labelled: ['vehicle', 'license_plate'], objects: [] },
      { source: 'people', labelled: ['person', 'vehicle'], objects: [] },
    ])
    await expect(paste(['cars', 'people'])).rejects.toThrow(
      'No photo of cars, people has all labels of person, license_plate, vehicle: name fewer classes with --class, or fewer sources.',
    )
    expect(await readdir(folder)).not.toContain('out')
  })

  it('takes the requested classes, with their objects alone', async () => {
    await label([
      { source: 'cars', labelled: ['vehicle', 'license_plate'], objects: [{ type: 'license_plate', bbox: [1, 1, 9, 5] }] },
      { source: 'people', labelled: ['person', 'vehicle'], objects: [{ type: 'vehicle', bbox: [2, 2, 50, 30] }] },
    ])
    await paste(['cars', 'people'], ['vehicle'])
    const [{ labelled, objects }] = JSON.parse(await readFile(join(folder, 'out/annotations.json'), 'utf8'))
    expect(labelled).toEqual(['vehicle'])
    expect(objects).toEqual([{ type: 'vehicle', bbox: [62, 2, 110, 30] }])
  })
})
