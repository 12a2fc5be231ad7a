import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Manifest } from '@obscura/engine/manifest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildModels } from './build.js'
import type { BuildProgress } from './progress.js'
import { sha256 } from './sources.js'

const models = join(import.meta.dirname, '..')
const names = ['blazeface', 'plate', 'ultraface']
let folder: string

/** A models folder with two models that are converted and one that ships and is quantised. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obscura-models-'))
  await mkdir(join(folder, 'manifests'))
  for (const name of names) await cp(join(models, 'manifests', `${name}.json`), join(folder, 'manifests', `${name}.json`))
  for (const kind of ['weights', 'ranges']) await cp(join(models, kind), join(folder, kind), { recursive: true })
  await symlink(join(models, 'node_modules'), join(folder, 'node_modules'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const states = async (options: Parameters<typeof buildModels>[0] = {}) => {
  const seen: BuildProgress[] = []
  await buildModels({ modelsFolder: folder, onProgress: progress => seen.push(progress), ...options })
  return seen.map(({ manifest, state, done, total }) => `${manifest.name} ${state} ${done}/${total}`)
}

async function edit(name: string, change: (manifest: Manifest) => void): Promise<void> {
  const file = join(folder, 'manifests', `${name}.json`)
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest
  change(manifest)
  await writeFile(file, JSON.stringify(manifest))
}

async function readManifest(name: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifests', `${name}.json`), 'utf8'))
}

/** Every model file in the cache is the one that its manifest names. */
async function expectWholeFiles(): Promise<void> {
  for (const name of ['blazeface', 'ultraface']) {
    const bytes = await readFile(join(folder, 'cache', `${name}.onnx`)).catch(() => undefined)
    if (bytes) expect(sha256(bytes)).toBe((await readManifest(name)).sha256)
  }
}

const allReady = ['blazeface ready 1/3', 'plate ready 2/3', 'ultraface ready 3/3']

describe('buildModels', () => {
  it('converts missing models, and then none', async () => {
    expect(await states()).toEqual([
      'blazeface building 0/3',
      'blazeface built 1/3',
      'plate building 1/3',
      'plate built 2/3',
      'ultraface building 2/3',
      'ultraface built 3/3',
    ])
    await expectWholeFiles()
    const { mtimeMs } = await stat(join(folder, 'cache/blazeface.onnx'))
    expect(await states()).toEqual(allReady)
    expect((await stat(join(folder, 'cache/blazeface.onnx'))).mtimeMs).toBe(mtimeMs)
  })

  it('accepts a cache that was copied without its dates, and does not need the sources then', async () => {
    await states()
    await utimes(join(folder, 'cache/ultraface.onnx'), 0, 0)
    await rm(join(folder, 'node_modules'))
    expect(await states()).toEqual(allReady)
  })

  it('converts truncated or changed files again', async () => {
    await states()
    await writeFile(join(folder, 'cache/ultraface.onnx'), 'half a model')
    expect(await states()).toEqual([...allReady.slice(0, 2), 'ultraface building 2/3', 'ultraface built 3/3'])
    await expectWholeFiles()
  })

  it('stops between models when told to, and continues where it stopped', async () => {
    const controller = new AbortController()
    const onProgress = ({ state }: BuildProgress) => state === 'built' && controller.abort()
    await expect(buildModels({ modelsFolder: folder, onProgress, signal: controller.signal })).rejects.toThrow('aborted')
    expect(await states()).toEqual([
      'blazeface ready 1/3',
      'plate building 1/3',
      'plate built 2/3',
      'ultraface building 2/3',
      'ultraface built 3/3',
    ])
  })

  it('leaves no partial file when killed, and removes files left by an earlier build', async () => {
    await mkdir(join(folder, 'cache'))
    const left = join(folder, 'cache/blazeface.onnx.partial-1')
    await writeFile(left, 'half')
    await utimes(left, 0, 0)
    const script = `import { buildModels } from ${JSON.stringify(pathToFileURL(join(models, 'dist/build.js')).href)}
      await buildModels({ modelsFolder: ${JSON.stringify(folder)}, onProgress: ({ state }) => console.log(state) })`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script])
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    await expectWholeFiles()
    await states()
    await expectWholeFiles()
    expect(await readdir(join(folder, 'cache'))).not.toContain('blazeface.onnx.partial-1')
  })
})

describe('errors name the file and the expected value', () => {
  const expected = '0'.repeat(64)

  it.each<[string, string, (manifest: Manifest) => void, RegExp]>([
    [
      'a source that is another file',
      'ultraface',
      m => Object.assign(m.build!.sources[0], { sha256: expected }),
      /fr_detect\.onnx: expected the file of faceplugin.* with SHA-256 0{64}; found 6c0256cc/,
    ],
    [
      'a source that is not installed',
      'ultraface',
      m => Object.assign(m.build!.sources[0], { path: 'model/none.onnx' }),
      /none\.onnx cannot be read: run "npm ci" in .* to install faceplugin-face-recognition-js@0\.0\.1/,
    ],
    [
      'a conversion with another result',
      'ultraface',
      m => Object.assign(m, { sha256: expected }),
      /ultraface\.json: sha256: the conversion to cache\/ultraface\.onnx gave [0-9a-f]{64}, not 0{64}/,
    ],
    [
      'weights that are not there',
      'plate',
      m => Object.assign(m, { file: 'weights/none.onnx' }),
      /plate\.json: file: there is no .*weights\/none\.onnx/,
    ],
    [
      'weights that are another file',
      'plate',
      m => Object.assign(m, { sha256: expected }),
      /plate\.json: sha256: expected that of .*plate\.onnx, which is [0-9a-f]{64}; found 0{64}/,
    ],
    [
      'a quantised model with another result',
      'plate',
      m => Object.assign(m.int8!, { sha256: expected }),
      /plate\.json: int8\.sha256: the conversion to cache\/plate\.int8\.onnx gave [0-9a-f]{64}, not 0{64}/,
    ],
    [
      'ranges of another model',
      'plate',
      m => Object.assign(m.int8!, { ranges: 'ranges/ssdlite.json' }),
      /plate cannot be quantised: .*ssdlite\.json belongs to another model/,
    ],
    [
      'a node that the graph does not have',
      'blazeface',
      m => Object.assign(m.build!.graph!.outputs, { s16: 'Nothing' }),
      /human-models@3\.0\.4 cannot be converted to blazeface: the graph has no node Nothing/,
    ],
    [
      'a shard that is not listed',
      'blazeface',
      m => m.build!.sources.pop(),
      /blazeface: blazeface-back\.bin is not among build\.sources/,
    ],
    [
      'a field that is missing',
      'plate',
      m => Object.assign(m, { licence: undefined }),
      /plate\.json: licence: expected the SPDX licence of the weights; found nothing/,
    ],
  ])('%s', async (_, name, change, message) => {
    await edit(name, change)
    await expect(buildModels({ modelsFolder: folder })).rejects.toThrow(message)
  })
})
