import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calibrate } from '../score.js'
import { readInstalled, select } from './installed.js'
import { parseProfile } from './manifest.js'
import { profileOf } from './profiles.js'

const MODELS = fileURLToPath(new URL('../../../../models', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'installed-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A folder of one's own with copies of built-in manifests, and profiles. */
async function own(manifests: Record<string, object>, profiles: Record<string, object> = {}): Promise<string> {
  const models = await mkdtemp(join(folder, 'own-'))
  for (const kind of ['manifests', 'profiles']) await mkdir(join(models, kind))
  for (const [name, changes] of Object.entries(manifests)) {
    const manifest = JSON.parse(await readFile(join(MODELS, 'manifests', 'nanodet.json'), 'utf8'))
    await writeFile(join(models, 'manifests', `${name}.json`), JSON.stringify({ ...manifest, name, ...changes }))
  }
  for (const [name, profile] of Object.entries(profiles)) {
    await writeFile(join(models, 'profiles', `${name}.json`), JSON.stringify({ name, ...profile }))
  }
  return models
}

async function selected(ownModels: string, profile: string) {
  return select(await readInstalled({ modelsFolder: MODELS, ownModels }), profile)
}

describe("models of one's own", () => {
  it('are added to the built-in ones, and replace those of the same name', async () => {
    const ownModels = await own({ nanodet: { title: 'another' }, more: {} })
    const { detectors } = await selected(ownModels, 'standard')
    const names = detectors.map(({ manifest }) => manifest.name)
    expect(names.filter(name => name === 'nanodet')).toHaveLength(1)
    expect(names).toEqual(expect.arrayContaining(['more', 'plate', 'ssdlite']))
    expect(detectors.find(({ manifest }) => manifest.name === 'nanodet')).toMatchObject({
      folder: ownModels,
      manifest: { title: 'another' },
    })
  })

  it('take the part that a profile gives them, and no other model takes part', async () => {
    const profile = { models: { more: { classes: ['vehicle'], passes: [{ longSide: 320 }], tiles: [] }, plate: {} } }
    const { detectors } = await selected(await own({ more: {} }, { mine: profile }), 'mine')
    expect(detectors.map(({ manifest }) => manifest.name).sort()).toEqual(['more', 'plate'])
    const [more] = detectors.filter(({ manifest }) => manifest.name === 'more')
    expect(more.parts).toMatchObject({ whole: { classes: ['vehicle'], passes: [{ longSide: 320 }] }, tiles: undefined })
    const [plate] = detectors.filter(({ manifest }) => manifest.name === 'plate')
    expect(plate.parts.whole?.passes).toEqual(plate.manifest.profiles.standard?.passes)
  })

  it('take over from those that they replace, for the classes and views that they search themselves', async () => {
    const { profiles } = JSON.parse(await readFile(join(MODELS, 'manifests', 'nanodet.json'), 'utf8'))
    const more = { replaces: ['nanodet', 'ssdlite'], classes: { 0: 'person' }, profiles: { standard: profiles.standard } }
    const ownModels = await own({ more })
    const partOf = async (profile: string, name: string) =>
      (await selected(ownModels, profile)).detectors.find(({ manifest }) => manifest.name === name)?.parts
    expect(await partOf('standard', 'nanodet')).toMatchObject({
      whole: { classes: ['vehicle'] },
      tiles: { classes: ['person', 'vehicle'] },
    })
    expect((await partOf('thorough', 'more'))?.whole?.classes).toEqual(['person'])
    expect(await partOf('fast', 'more')).toBeUndefined()
    expect((await partOf('fast', 'nanodet'))?.whole?.classes).toEqual(['person', 'vehicle'])
  })

  it('do nothing in a profile in which they have no pass over the whole image', async () => {
    const { profiles } = JSON.parse(await readFile(join(MODELS, 'manifests', 'nanodet.json'), 'utf8'))
    const { detectors } = await selected(await own({ more: { profiles: { tiles: profiles.tiles } } }), 'fast')
    expect(detectors.map(({ manifest }) => manifest.name)).not.toContain('more')
  })

  it('may be given to the profile that is used by default', async () => {
    const ownModels = await own({ more: {} }, { standard: { models: { more: { passes: [{}] } } } })
    expect((await selected(ownModels, 'standard')).detectors.map(({ manifest }) => manifest.name)).toEqual(['more'])
  })

  it.each([
    ['nowhere', {}, 'there is no profile "nowhere", only standard, thorough, fast'],
    [
      'mine',
      { mine: { models: { missing: {} } } },
      'the profile "mine" names the model "missing", but no detector of this name is installed',
    ],
  ])('of the profile %s are refused with what is wrong', async (name, profiles, message) => {
    await expect(selected(await own({}, profiles), name)).rejects.toThrow(message)
  })
})

describe('a profile', () => {
  it('moves its threshold to the default of the API, and keeps the rest of its base', () => {
    const { fusion, tilings } = profileOf({
      name: 'mine',
      classes: { person: { threshold: 0.2, final: { whole: [1, 0], tiles: [1, 0] } } },
    })
    expect(calibrate(0.2, fusion.person.final.whole)).toBeCloseTo(0.4)
    expect(fusion.person.combine).toBe('mean')
    expect(tilings.length).toBeGreaterThan(0)
    expect(profileOf({ name: 'mine', tilings: [] }).tilings).toEqual([])
  })

  it.each([
    [{ base: 'best' }, 'mine.json: base: expected one of fast, standard, thorough'],
    [{ classes: { person: { threshold: 2 } } }, 'mine.json: classes.person.threshold: expected a number 0.01..0.99; found 2'],
    [{ models: { own: { passes: 640 } } }, 'mine.json: models.own.passes: expected a list of passes'],
    [{ models: {} }, 'mine.json: models: expected the name of each model with its part'],
  ])('%j is refused with file and field', (fields, message) => {
    expect(() => parseProfile(JSON.stringify({ name: 'mine', ...fields }), 'mine.json')).toThrow(message)
  })
})
