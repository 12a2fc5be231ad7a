import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from './curves.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obscura-curves-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('counts covered objects and false detections at each threshold, with heads for faces', async () => {
  const labelled = ['face', 'person', 'license_plate']
  const objects = [
    { type: 'person', bbox: [10, 10, 70, 200] },
    { type: 'face', bbox: [30, 15, 50, 40] },
    { type: 'license_plate', bbox: [120, 150, 150, 160] },
  ]
  const photo = { image: 'a.jpg', width: 200, height: 200, source: 'invented', labelled, complete: true, objects }
  await writeFile(join(folder, 'annotations.json'), JSON.stringify([photo, { ...photo, image: 'b.jpg', source: 'coco' }]))
  const found = [
    { class: 'person', score: 0.8, box: [10, 10, 70, 200] },
    { class: 'license_plate', score: 0.6, box: [120, 150, 150, 160] },
    { class: 'license_plate', score: 0.35, box: [20, 20, 40, 30] },
  ]
  const detections = join(folder, 'detections.json')
  await writeFile(detections, JSON.stringify({ 'a.jpg': found }))
  const curveFile = join(folder, 'curves.svg')
  const [{ rows }] = await run({ data: folder, models: '', detections, figure: curveFile })
  const row = (name: string, threshold: string) => rows.find(([a, b]) => a === name && b === threshold)?.slice(2)
  expect(row('license_plate', '0.5 (default)')).toEqual(['100.0', '0.00'])
  expect(row('license_plate', '0.3')).toEqual(['100.0', '1.00'])
  expect(row('person', '0.4 (default)')).toEqual(['100.0', '0.00'])
  expect(row('vehicle', '0.5')).toBeUndefined()
  // A person of 0.8 without a face has a head of 0.63.
  expect(row('face', '0.5 (default)')).toEqual(['100.0', '0.00'])
  expect(row('face', '0.7')).toEqual(['0.0', '0.00'])
  expect(await readFile(curveFile, 'utf8')).toContain('r="7"')
})
