import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Box, iou } from '../geometry.js'
import type { Raster } from '../image.js'
import type { Pass } from '../plan/profile.js'
import { cropView } from '../plan/view.js'
import { InputMemory } from './input.js'
import { type LoadedNetworks, loadNetworks, type Run, runsFor } from './networks.js'
import { runPass } from './run.js'

const models = fileURLToPath(new URL('../../../../models', import.meta.url))
const photo = fileURLToPath(new URL('../../../../tests/fixtures/street-taxis.jpg', import.meta.url))

// Measured by hand in street-taxis.jpg.
const PLATES: Box[] = [
  [711, 705, 753, 737],
  [434, 620, 464, 646],
]
const CLOSE = { longSide: 1280, largest: 96 }
const AROUND = { longSide: 640, from: 0.15 }

let networks: LoadedNetworks
let run: Run
/** Widths and heights of the plate network's inputs. */
let inputs: [number, number][]
let street: Raster

beforeAll(async () => {
  networks = await loadNetworks(models, { threads: 1, profile: 'standard' })
  const [{ network, ...rest }] = runsFor(networks, ['license_plate'], 'whole')
  const session = Object.create(network.session, {
    run: {
      value: (feeds: Parameters<typeof network.session.run>[0]) => {
        const [, , height, width] = feeds[network.manifest.input.tensor].dims
        inputs.push([width, height])
        return network.session.run(feeds)
      },
    },
  })
  run = { ...rest, closer: undefined, network: { ...network, session } }
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  street = { width: info.width, height: info.height, data }
})
afterAll(() => networks.close())

async function plates(raster: Raster, pass: Pass) {
  inputs = []
  const view = cropView(raster, [0, 0, raster.width, raster.height])
  const viewTask = { view, classes: ['license_plate'], stage: 'whole', enlarge: Number.POSITIVE_INFINITY } as const
  return runPass(viewTask, { ...run, pass }, new InputMemory())
}

it('looks closely around what a coarser pass finds, and finds the same plates as everywhere', async () => {
  const everywhere = await plates(street, CLOSE)
  expect(inputs).toEqual([[1280, 864]])
  const around = await plates(street, { ...CLOSE, around: AROUND })
  const [coarse, ...parts] = inputs
  expect(coarse).toEqual([640, 448])
  const pixels = parts.reduce((sum, [width, height]) => sum + width * height, 0)
  expect(pixels).toBeLessThan(0.7 * 1280 * 864)
  for (const plate of PLATES) {
    for (const found of [everywhere, around])
      expect(found.some(({ box, score }) => score > 0.5 && iou(box, plate) > 0.5)).toBe(true)
  }
})

it('counts what the coarser pass finds only where it is to count', async () => {
  // Nothing is small enough for the close pass.
  const pass = { ...CLOSE, largest: 1 }
  expect(await plates(street, { ...pass, around: AROUND })).toEqual([])
  const found = await plates(street, { ...pass, around: { ...AROUND, counts: true } })
  for (const plate of PLATES) expect(found.some(({ box }) => iou(box, plate) > 0.5)).toBe(true)
})

it('looks nowhere closely where the coarser pass finds nothing', async () => {
  const gray = { width: 640, height: 480, data: new Uint8Array(640 * 480 * 3).fill(114) }
  expect(await plates(gray, { ...CLOSE, around: { ...AROUND, counts: true } })).toEqual([])
  expect(inputs).toEqual([[640, 480]])
})
