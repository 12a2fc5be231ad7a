import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngine, DEFAULT_PARAMETERS } from '../index.js'
import { tinyJpeg } from '../test/tiny-jpeg.js'
import { readManifests } from './manifest.js'

const MODELS = fileURLToPath(new URL('../../../../models', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The models, of which one has a bit flipped in the middle. */
async function withChanged(name: string): Promise<string> {
  const models = await mkdtemp(join(folder, name))
  await cp(join(MODELS, 'manifests'), join(models, 'manifests'), { recursive: true })
  const { file } = (await readManifests(MODELS)).find(manifest => manifest.name === name)!
  for (const part of ['cache', 'weights']) {
    await mkdir(join(models, part))
    const networks = (await readdir(join(MODELS, part))).filter(
      network => network.endsWith('.onnx') && join(part, network) !== file,
    )
    for (const network of networks) await cp(join(MODELS, part, network), join(models, part, network))
  }
  const bytes = await readFile(join(MODELS, file))
  bytes[bytes.length >> 1] ^= 1
  await writeFile(join(models, file), bytes)
  return models
}

test.each([
  ['ultraface', { face: true }],
  ['mask', { person: true }],
])('a changed %s is refused where it is needed, with its name and the remedy', async (name, classes) => {
  const engine = createEngine({ modelsFolder: await withChanged(name), children: 1 })
  try {
    await expect(engine.anonymize(tinyJpeg(), { ...DEFAULT_PARAMETERS, ...classes })).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      childEnd: 'unfit',
      message: expect.stringMatching(new RegExp(`${name}\\.onnx does not match its manifest.*obscura prepare`)),
    })
  } finally {
    await engine.close()
  }
})

test('images are not decoded while the models are broken', async () => {
  const models = await withChanged('blazeface')
  const engine = createEngine({ modelsFolder: models, children: 1 })
  const anonymize = (image: Uint8Array) => engine.anonymize(image, { ...DEFAULT_PARAMETERS, face: true })
  const defective = tinyJpeg().slice(0, -30)
  try {
    await expect(anonymize(tinyJpeg())).rejects.toMatchObject({ childEnd: 'unfit' })
    await expect(anonymize(defective)).rejects.toMatchObject({ childEnd: 'unfit' })
    await cp(join(MODELS, 'cache/blazeface.onnx'), join(models, 'cache/blazeface.onnx'))
    expect((await anonymize(tinyJpeg())).device).toBe('cpu')
    await expect(anonymize(defective)).rejects.toMatchObject({ code: 'IMAGE_DEFECT', childEnd: undefined })
  } finally {
    await engine.close()
  }
})

test.each(['plate', 'mask'])(
  'for a GPU all networks are loaded at once: a changed %s is found by the first image',
  async name => {
    const models = await withChanged(name)
    const engine = createEngine({ modelsFolder: models, children: 1, device: 'cuda' })
    const anonymize = () => engine.anonymize(tinyJpeg(), { ...DEFAULT_PARAMETERS, face: true, bbox: true })
    try {
      await expect(anonymize()).rejects.toMatchObject({ childEnd: 'unfit', message: expect.stringContaining(`${name}.onnx`) })
      await cp(join(MODELS, `weights/${name}.onnx`), join(models, `weights/${name}.onnx`))
      expect(await anonymize()).toMatchObject({ width: 16 })
    } finally {
      await engine.close()
    }
  },
)
