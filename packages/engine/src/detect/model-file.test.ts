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
  const models = join(folder, name)
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

test.each(['ultraface', 'mask'])('a changed %s is refused, with its name and the remedy', async name => {
  const engine = createEngine({ modelsFolder: await withChanged(name), children: 1 })
  try {
    await expect(engine.anonymize(tinyJpeg(), { ...DEFAULT_PARAMETERS, face: true })).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      childEnd: 'unfit',
      message: expect.stringMatching(new RegExp(`${name}\\.onnx does not match its manifest.*obscura prepare`)),
    })
  } finally {
    await engine.close()
  }
})
