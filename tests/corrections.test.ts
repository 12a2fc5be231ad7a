/** Rendering again what was detected on a real photo: no network runs, and nothing else changes. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createEngine, DEFAULT_PARAMETERS, type Engine, type Output, type StoredRegion } from '@obscura/engine'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FIXTURES } from './command.js'

const MODELS = path.join(import.meta.dirname, '../models')
const PARAMETERS = { ...DEFAULT_PARAMETERS, person: true, face: true, compress_level: 1 }

let engine: Engine
let file: Buffer
let output: Output
let regions: StoredRegion[]

beforeAll(async () => {
  engine = createEngine({ modelsFolder: MODELS, children: 1, profile: 'fast' })
  file = await sharp(await readFile(path.join(FIXTURES, 'group-portrait.jpg')))
    .resize(800)
    .png({ compressionLevel: 1 })
    .toBuffer()
  output = await engine.anonymize(file, PARAMETERS)
  regions = JSON.parse(Buffer.from(output.regions!).toString())
})
afterAll(() => engine.close())

/** For each pixel whether it differs from the photo. */
async function changed(image: Uint8Array): Promise<boolean[]> {
  const [before, after] = await Promise.all([file, image].map(bytes => sharp(bytes).raw().toBuffer()))
  return Array.from({ length: before.length / 3 }, (_, i) => [0, 1, 2].some(c => before[3 * i + c] !== after[3 * i + c]))
}

test('without a correction the same detections are anonymized in the same pixels', async () => {
  expect(regions.length).toBeGreaterThan(2)
  const again = await engine.render(
    file,
    { regions, isSound: true },
    {
      ...PARAMETERS,
      anonymization_method: 'blacken',
      binary_segmentation_mask: true,
    },
  )
  expect(again.detections).toEqual(output.detections.map((detection, id) => ({ ...detection, id })))
  expect(again.timings.detect).toBeUndefined()
  const first = await engine.anonymize(file, { ...PARAMETERS, anonymization_method: 'blacken', binary_segmentation_mask: true })
  expect(again.binaryMask).toEqual(first.binaryMask)
  expect(again.image).toEqual(first.image)
})

test('a region that is removed shows the photo again, where no other one covers it', async () => {
  const [{ id, box }] = regions.filter(region => region.class === 'face')
  const others = regions.filter(region => region.id !== id)
  const [all, less] = await Promise.all(
    [regions, others].map(async kept =>
      changed((await engine.render(file, { regions: kept, isSound: true }, { ...PARAMETERS, person: true })).image!),
    ),
  )
  const alone = regions.filter(region => region.class === 'face')
  const onlyFaces = await changed(
    (await engine.render(file, { regions: alone.filter(region => region.id !== id), isSound: true }, PARAMETERS)).image!,
  )
  const { width } = await sharp(file).metadata()
  const middle = Math.round((box[1] + box[3]) / 2) * width + Math.round((box[0] + box[2]) / 2)
  expect([all[middle], onlyFaces[middle]]).toEqual([true, false])
  expect(less.filter(Boolean).length).toBeLessThanOrEqual(all.filter(Boolean).length)
})
