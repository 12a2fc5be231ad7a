import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine, DEFAULT_PARAMETERS } from '../index.js'
import { tinyJpeg } from '../test/tiny-jpeg.js'
import { missingModels, modelsInUse } from './in-use.js'

const modelsFolder = fileURLToPath(new URL('../../../../models', import.meta.url))
const DETECTORS = ['blazeface', 'mask', 'nanodet', 'plate', 'ssd-face', 'ssdlite', 'ultraface']

let ownModels: string
beforeAll(async () => {
  ownModels = await mkdtemp(join(tmpdir(), 'own-'))
  await mkdir(join(ownModels, 'profiles'))
  await writeFile(join(ownModels, 'profiles/faces.json'), JSON.stringify({ name: 'faces', models: { ultraface: {} } }))
})
afterAll(() => rm(ownModels, { recursive: true }))

describe('what an engine detects with', () => {
  test('is the networks of its profile, with their files, and all profiles', async () => {
    const { profile, models, profiles } = await modelsInUse({ modelsFolder }, 'standard', 'float')
    expect(profile).toBe('standard')
    expect(models.map(({ name }) => name)).toEqual(DETECTORS)
    expect(models[0].sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(profiles).toEqual(['fast', 'standard', 'thorough'])
  })

  test('is the 8-bit file of a network where there is one and detectors compute so', async () => {
    const [float, int8] = await Promise.all(
      (['float', 'int8'] as const).map(precision => modelsInUse({ modelsFolder }, 'standard', precision)),
    )
    expect(int8.fingerprint).toBe(float.fingerprint)
    expect(new Set(float.models.map(({ precision }) => precision))).toEqual(new Set(['float']))
    const changed = int8.models.filter(({ sha256 }, i) => sha256 !== float.models[i].sha256)
    expect(changed.map(({ name, precision }) => `${name} ${precision}`)).toEqual([
      ...['nanodet int8', 'plate int8', 'ssd-face int8', 'ssdlite int8'],
    ])
  })

  test('follows a profile of a folder of one’s own, which may have nothing else', async () => {
    const { models, profiles } = await modelsInUse({ modelsFolder, ownModels }, 'faces', 'float')
    expect(models.map(({ name }) => name)).toEqual(['mask', 'ultraface'])
    expect(profiles).toContain('faces')
  })

  test('has a fingerprint that changes with any manifest or profile', async () => {
    const fingerprint = async (own?: string) =>
      (await modelsInUse({ modelsFolder, ownModels: own }, 'standard', 'float')).fingerprint
    expect(await fingerprint()).toBe(await fingerprint())
    expect(await fingerprint(ownModels)).not.toBe(await fingerprint())
    const other = await mkdtemp(join(tmpdir(), 'own-'))
    await cp(ownModels, other, { recursive: true })
    await writeFile(join(other, 'profiles/faces.json'), JSON.stringify({ name: 'faces', models: { blazeface: {} } }))
    expect(await fingerprint(other)).not.toBe(await fingerprint(ownModels))
    await rm(other, { recursive: true })
  })
})

test('files that a profile uses at a precision are missed, those of outlines too', async () => {
  expect(await missingModels({ modelsFolder }, 'standard', 'int8')).toEqual([])
  const bare = await mkdtemp(join(tmpdir(), 'bare-'))
  await cp(join(modelsFolder, 'manifests'), join(bare, 'manifests'), { recursive: true })
  await cp(join(modelsFolder, 'weights'), join(bare, 'weights'), { recursive: true })
  try {
    const names = async (precision: 'float' | 'int8') =>
      (await missingModels({ modelsFolder: bare }, 'standard', precision)).map(path => basename(path)).sort()
    const unprepared = await names('int8')
    expect(unprepared).toContain('plate.int8.onnx')
    expect(await names('float')).not.toContain('plate.int8.onnx')
    await rm(join(bare, 'weights/mask.onnx'))
    expect(await names('int8')).toEqual([...unprepared, 'mask.onnx'].sort())
  } finally {
    await rm(bare, { recursive: true })
  }
})

describe('an image', () => {
  const search = async (profile: string | null) => {
    const engine = createEngine({ modelsFolder, ownModels, children: 1, profile: 'fast' })
    try {
      const { models } = await engine.anonymize(tinyJpeg(), { ...DEFAULT_PARAMETERS, face: true, profile })
      return models.map(({ name }) => name).sort()
    } finally {
      await engine.close()
    }
  }

  test('is searched with the profile that it asks for, or that of the engine', async () => {
    expect(await search('faces')).toEqual(['ultraface'])
    // Faces are judged by persons, which the built-in profile has networks for.
    expect(await search(null)).toEqual(['blazeface', 'nanodet', 'ssd-face', 'ssdlite', 'ultraface'])
  })

  test('needs the networks of its classes alone: another one may be damaged', async () => {
    const damaged = await mkdtemp(join(tmpdir(), 'damaged-'))
    for (const part of ['manifests', 'weights', 'cache'])
      await cp(join(modelsFolder, part), join(damaged, part), { recursive: true })
    await writeFile(join(damaged, 'weights/plate.onnx'), 'no network')
    const engine = createEngine({ modelsFolder: damaged, children: 1, profile: 'fast', precision: 'float' })
    try {
      const { models } = await engine.anonymize(tinyJpeg(), { ...DEFAULT_PARAMETERS, vehicle: true })
      expect(models.map(({ name }) => name)).toContain('nanodet')
      await expect(engine.anonymize(tinyJpeg(), { ...DEFAULT_PARAMETERS, license_plate: true })).rejects.toMatchObject({
        childEnd: 'unfit',
        message: expect.stringContaining('plate.onnx'),
      })
    } finally {
      await engine.close()
      await rm(damaged, { recursive: true })
    }
  })

  test('with a class that no network of its profile detects fails without a retry', async () => {
    const engine = createEngine({ modelsFolder, ownModels, children: 1 })
    try {
      const plates = engine.anonymize(tinyJpeg(), { ...DEFAULT_PARAMETERS, license_plate: true, profile: 'faces' })
      await expect(plates).rejects.toMatchObject({
        code: 'PARAMETER_ERROR_FORMAT',
        childEnd: undefined,
        message: expect.stringContaining('No model of the profile "faces" detects license_plate'),
      })
    } finally {
      await engine.close()
    }
  })

  test('with a profile that this worker lacks may be processed elsewhere', async () => {
    await expect(search('survey')).rejects.toMatchObject({
      childEnd: 'unfit',
      message: expect.stringContaining('there is no profile "survey", only standard, thorough, fast, faces'),
    })
  })
})
