import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Raster } from '../image.js'
import { detect } from './detect.js'
import { type LoadedNetworks, loadNetworks } from './networks.js'
import { countJobs, search } from './search.js'
import { type Searcher, startSearcher } from './searcher-thread.js'

const MODELS = fileURLToPath(new URL('../../../../models', import.meta.url))
const OPTIONS = { threads: 1 } as const
const profile = 'standard'
const FACES = { classes: ['face'], format: 'whole' } as const

let networks: LoadedNetworks
let searcher: Searcher
let raster: Raster

beforeAll(async () => {
  searcher = startSearcher({ modelsFolder: MODELS, profile, classes: FACES.classes, options: OPTIONS })
  networks = await loadNetworks(MODELS, { ...OPTIONS, profile })
  const photo = fileURLToPath(new URL('../../../../tests/fixtures/group-portrait.jpg', import.meta.url))
  // Large enough for tiles.
  const { data, info } = await sharp(photo).resize({ width: 2400 }).raw().toBuffer({ resolveWithObject: true })
  const pixels = new Uint8Array(new SharedArrayBuffer(data.length))
  pixels.set(data)
  raster = { width: info.width, height: info.height, data: pixels }
})
afterAll(async () => {
  await searcher.close()
  await networks.close()
})

test('two threads find what one finds', async () => {
  const alone = await detect(raster, FACES, networks)
  expect(alone.length).toBeGreaterThanOrEqual(6)
  expect(await detect(raster, FACES, networks, searcher)).toEqual(alone)
})

test('each pass over each view is run once, by either thread', async () => {
  const jobs = countJobs()
  const parts = await Promise.all([
    searcher.search({ profile, raster, wanted: FACES, jobs }),
    search(raster, FACES, networks, jobs),
  ])
  const names = (findings: { view: number; pass: number }[]) => findings.map(({ view, pass }) => `${view}/${pass}`)
  const whole = names(await search(raster, FACES, networks, countJobs()))
  expect(names(parts.flat()).sort()).toEqual(whole.sort())
  expect(new Set(whole).size).toBe(whole.length)
})

test('a thread without models says so, for every image, and can be closed', async () => {
  const lost = startSearcher({ modelsFolder: '/nowhere', profile, classes: FACES.classes, options: OPTIONS })
  for (let i = 0; i < 2; i++) {
    await expect(detect(raster, FACES, networks, lost)).rejects.toMatchObject({ code: 'INTERNAL_ERROR', message: /models/ })
  }
  await lost.close()
  await expect(detect(raster, FACES, networks, lost)).rejects.toMatchObject({ code: 'INTERNAL_ERROR', message: /has ended/ })
})

test('an impossible grid is refused by either thread, and the next image works', async () => {
  await expect(
    detect(raster, { ...FACES, format: { number: [0, 1], overlap: [0, 0] } }, networks, searcher),
  ).rejects.toMatchObject({
    code: 'PARAMETER_ERROR_FORMAT',
  })
  expect((await detect(raster, FACES, networks, searcher)).length).toBeGreaterThanOrEqual(6)
})
