import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Detection } from '../detection.js'
import { area, type Box, intersection } from '../geometry.js'
import { cropView } from '../plan/view.js'
import { lookCloser } from './closer.js'
import { InputMemory } from './input.js'
import { type LoadedNetworks, loadNetworks, type Run, runsFor } from './networks.js'

const models = fileURLToPath(new URL('../../../../models', import.meta.url))
const street = fileURLToPath(new URL('../../../../tests/fixtures/street-taxis.jpg', import.meta.url))

// Measured by hand: the plate of the taxi in front, and a piece of the street.
const PLATE: Box = [711, 705, 753, 737]
const ASPHALT: Box = [300, 780, 345, 800]

let networks: LoadedNetworks
let run: Run
beforeAll(async () => {
  networks = await loadNetworks(models, { threads: 1, profile: 'fast' })
  ;[run] = runsFor(networks, ['license_plate'], 'whole')
})
afterAll(() => networks.close())

async function closer(box: Box, score: number): Promise<Detection[]> {
  const { data, info } = await sharp(street).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const view = cropView({ width, height, data }, [0, 0, width, height])
  // A small limit of enlargement, as tiles have it, does not apply to a closer look.
  const look = { view, classes: ['license_plate'], stage: 'tiles', enlarge: 0.85 } as const
  return lookCloser([{ class: 'license_plate', score, box }], look, run, run.closer!, new InputMemory())
}

it('raises the score of a plate and lowers that of something else', async () => {
  const [plate] = await closer(PLATE, 0.5)
  expect(plate.score).toBeGreaterThan(0.6)
  const [nothing] = await closer(ASPHALT, 0.5)
  expect(nothing.score).toBeLessThan(0.1)
  expect(nothing.box).toEqual(ASPHALT)
})

it('extends the box to what the look finds, and keeps what the first found', async () => {
  const shifted: Box = [PLATE[0] + 8, PLATE[1], PLATE[2] + 8, PLATE[3]]
  const [{ box }] = await closer(shifted, 0.5)
  expect(box[0]).toBeLessThan(shifted[0] - 4)
  expect(box[2]).toBeGreaterThanOrEqual(shifted[2])
  expect(intersection(box, PLATE)).toBeGreaterThan(0.9 * area(PLATE))
})

it('drops boxes of very low scores', async () => {
  expect(await closer(PLATE, 0.3)).toEqual([])
})

it('looks at boxes at the border of the image too', async () => {
  expect(await closer([0, 0, 30, 12], 0.5)).toHaveLength(1)
})
