import { fileURLToPath } from 'node:url'
import { CLASSES, type ObjectClass } from '@obscura/contract/parameters'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EngineError } from '../errors.js'
import { type Box, intersection, iou } from '../geometry.js'
import type { Raster } from '../image.js'
import { detect } from './detect.js'
import { type LoadedNetworks, loadNetworks, openNetworks } from './networks.js'
import type { DetectRequest } from './search.js'

const models = fileURLToPath(new URL('../../../../models', import.meta.url))
const fixtures = new URL('../../../../tests/fixtures/', import.meta.url)

async function rasterOf(image: Sharp): Promise<Raster> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}

const photo = (name: string) => sharp(fileURLToPath(new URL(name, fixtures)))

// Measured by hand in street-taxis.jpg.
const FRONT_TAXI: Box = [650, 562, 1017, 783]
const PLATES: Box[] = [
  [711, 705, 753, 737],
  [434, 620, 464, 646],
]
const CROWD: Box = [0, 505, 240, 570]
// In group-portrait.jpg.
const NOSES = [
  [108, 451],
  [444, 348],
  [736, 362],
  [932, 463],
  [1215, 445],
  [1460, 457],
]

describe('detect', () => {
  let networks: LoadedNetworks
  let street: Raster
  beforeAll(async () => {
    networks = await loadNetworks(models, { threads: 2, profile: 'standard' })
    street = await rasterOf(photo('street-taxis.jpg'))
  })
  afterAll(() => networks.close())

  async function boxes(raster: Raster, classes: ObjectClass[], wanted: Partial<DetectRequest> = {}): Promise<Box[]> {
    return (await detect(raster, { classes, format: 'whole', ...wanted }, networks)).map(({ box }) => box)
  }

  it('asks for second opinions beside tiles only where the profile says so', async () => {
    const large = await rasterOf(photo('street-taxis.jpg').resize(2560))
    const { person } = networks.profile.fusion
    // An opinion that drops whatever it is asked about.
    const scores = async (raster: Raster, besideTiles: boolean, { detectors } = networks) => {
      const opinion = { ...person.opinion!, ask: 1, to: 1, least: 0, bias: -20, besideTiles }
      const profile = { ...networks.profile, fusion: { ...networks.profile.fusion, person: { ...person, opinion } } }
      return (await detect(raster, { classes: ['person'], format: 'whole' }, { detectors, profile })).map(({ score }) => score)
    }
    expect(await scores(street, false)).toEqual([])
    expect(await scores(large, false)).not.toEqual(await scores(large, true))
    // Tiles are planned, but no network searches them.
    const detectors = networks.detectors.map(({ parts, ...network }) => ({ ...network, parts: { ...parts, tiles: undefined } }))
    expect(await scores(large, false, { ...networks, detectors })).toEqual([])
  })

  it('finds taxis, pedestrians and readable plates in a street', async () => {
    const found = await detect(street, { classes: CLASSES, format: 'whole' }, networks)
    const of = (name: ObjectClass) => found.filter(detection => detection.class === name).map(({ box }) => box)
    expect(of('vehicle').length).toBeGreaterThanOrEqual(7)
    expect(of('vehicle').some(box => iou(box, FRONT_TAXI) > 0.8)).toBe(true)
    for (const plate of PLATES) expect(of('license_plate').filter(box => covers(box, plate))).toHaveLength(1)
    expect(of('person').filter(box => covers(CROWD, box, 0.5)).length).toBeGreaterThanOrEqual(5)
    for (const { box, score } of found) {
      expect(score).toBeGreaterThanOrEqual(0.4)
      expect(covers([0, 0, street.width, street.height], box)).toBe(true)
    }
  })

  it('finds every face of a group, once', async () => {
    const group = await rasterOf(photo('group-portrait.jpg'))
    const faces = await boxes(group, ['face'])
    for (const [x, y] of NOSES) expect(faces.filter(box => covers(box, [x, y, x + 1, y + 1]))).toHaveLength(1)
    // A photo on the wall shows two more.
    expect(faces.length).toBeLessThanOrEqual(NOSES.length + 2)
  })

  it('detects only requested classes above their thresholds', async () => {
    const all = await detect(street, { classes: ['vehicle'], format: 'whole' }, networks)
    expect(new Set(all.map(detection => detection.class))).toEqual(new Set(['vehicle']))
    const sure = await detect(street, { classes: ['vehicle'], format: 'whole', thresholds: { vehicle: 0.9 } }, networks)
    expect(sure).toEqual(all.filter(({ score }) => score >= 0.9))
  })

  it('finds more faces and heads of pedestrians, and fewer faces elsewhere, where it searches persons too', async () => {
    const crowd = photo('street-taxis.jpg').extract({ left: 0, top: 440, width: 320, height: 200 }).resize(960, 600)
    const pavement = await rasterOf(crowd)
    const alone = await detect(pavement, { classes: ['face'], format: 'whole' }, networks)
    const judged = await detect(pavement, { classes: ['face'], format: 'whole', heads: true }, networks)
    expect(new Set(judged.map(detection => detection.class))).toEqual(new Set(['face']))
    const amongPeople = ({ box }: { box: Box }) => covers([0, 200, pavement.width, 400], box)
    const elsewhere = (found: { box: Box }[]) => found.filter(detection => !amongPeople(detection)).length
    expect(judged.filter(amongPeople).length).toBeGreaterThan(alone.filter(amongPeople).length)
    expect(elsewhere(judged)).toBeLessThan(elsewhere(alone))
    for (const { score } of judged) expect(score).toBeGreaterThanOrEqual(0.5)
  })

  it('finds the same persons, whether or not they are searched for faces too', async () => {
    const persons = await detect(street, { classes: ['person'], format: 'whole' }, networks)
    const both = await detect(street, { classes: ['face', 'person'], format: 'whole', heads: true }, networks)
    expect(both.filter(detection => detection.class === 'person')).toEqual(persons)
  })

  it('finds objects in a large image that are too small in the whole view, once and in place', async () => {
    const [left, top] = [1333, 617]
    const large = await rasterOf(
      sharp({ create: { width: 2600, height: 1900, channels: 3, background: '#6b7785' } }).composite([
        { input: await photo('street-taxis.jpg').toBuffer(), left, top },
      ]),
    )
    const found = await boxes(large, ['license_plate'])
    for (const [x1, y1, x2, y2] of PLATES) {
      const plate: Box = [x1 + left, y1 + top, x2 + left, y2 + top]
      expect(found.filter(box => covers(box, plate))).toHaveLength(1)
    }
  })

  it('processes the tiles of a custom grid', async () => {
    const found = await boxes(street, ['vehicle'], { format: { number: [2, 2], overlap: [0, 0] } })
    expect(found.filter(box => iou(box, FRONT_TAXI) > 0.7)).toHaveLength(1)
    await expect(boxes(street, ['vehicle'], { format: { number: [0, 2], overlap: [0, 0] } })).rejects.toThrow(EngineError)
  })

  it('survives images of a single pixel', async () => {
    expect(await boxes({ width: 1, height: 1, data: Uint8Array.of(9, 9, 9) }, [...CLASSES])).toEqual([])
  })
})

describe('loadNetworks', () => {
  it('loads the cheaper profile, which finds the taxis as well', async () => {
    const networks = await loadNetworks(models, { threads: 2, profile: 'fast' })
    const found = await detect(await rasterOf(photo('street-taxis.jpg')), { classes: ['vehicle'], format: 'whole' }, networks)
    await networks.close()
    expect(found.some(({ box }) => iou(box, FRONT_TAXI) > 0.8)).toBe(true)
  })

  it('loads the networks of the classes that are asked for, and each once', async () => {
    const cache = openNetworks(models, { threads: 1 })
    const plates = await cache.of('fast', ['license_plate'])
    expect(plates.detectors.map(({ manifest }) => manifest.name)).toEqual(['plate'])
    const all = await cache.of('fast')
    expect(all.detectors.map(({ manifest }) => manifest.name)).toContain('nanodet')
    expect(all.detectors.find(({ manifest }) => manifest.name === 'plate')!.session).toBe(plates.detectors[0].session)
    await cache.close()
  })

  it('says what is missing', async () => {
    const loading = loadNetworks('/nowhere', { threads: 1, profile: 'standard' })
    await expect(loading).rejects.toThrow(EngineError)
    await expect(loading).rejects.toThrow(/models cannot be loaded.*nowhere/)
  })
})

/** Whether `outer` holds the fraction of `inner`. */
function covers(outer: Box, inner: Box, fraction = 0.95): boolean {
  return intersection(outer, inner) >= fraction * (inner[2] - inner[0]) * (inner[3] - inner[1])
}
