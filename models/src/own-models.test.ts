/** A folder of one's own: what it adds, and what it cannot do. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createEngine, DEFAULT_PARAMETERS, type EngineOptions } from '@obscura/engine'
import protocol from 'onnx-proto'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OnnxBuilder } from './onnx.js'
import { INPUT, install, networkOf, SIDE } from './test/tiny-model.js'

const ROW = { type: 'rows', output: 'out', columns: ['x1', 'y1', 'x2', 'y2', 'score', 'class'] }
const PARTS = { decoder: ROW, classes: { 0: 'vehicle' } }
const OUTPUT = {
  out: { dims: [1, 6], set: [8, 8, 40, 40, 0.9, 0].map((value, k): [number[], number] => [[0, k], value]) },
}
const DIMS = [1, 3, SIDE, SIDE]

let folder: string
let photo: Uint8Array
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-'))
  photo = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: '#777' } })
    .jpeg()
    .toBuffer()
  await mkdir(join(folder, 'none'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A folder of one's own with one model, after something was done to it. */
async function own(
  model: Uint8Array = networkOf(OUTPUT, DIMS),
  parts: object = {},
  spoil?: (models: string) => Promise<unknown>,
) {
  const models = await mkdtemp(join(folder, 'models-'))
  await install(models, 'own', model, { ...PARTS, ...parts })
  await spoil?.(models)
  return models
}

/** Detects with the models of a folder and no built-in ones. */
async function detect(ownModels: string, options: Partial<EngineOptions> = {}, wanted: object = { vehicle: true }) {
  const engine = createEngine({ modelsFolder: join(folder, 'none'), ownModels, children: 1, threads: 1, ...options })
  try {
    return await engine.anonymize(photo, { ...DEFAULT_PARAMETERS, anonymization_method: 'detect', ...wanted })
  } finally {
    await engine.close()
  }
}

describe("a model of one's own", () => {
  it('is used alone when there is no built-in one, in the sandbox', async () => {
    const { detections } = await detect(await own())
    expect(detections).toMatchObject([{ class: 'vehicle', box: [8, 8, 40, 40] }])
  })

  it('is used in the permission model of Node.js', async () => {
    const models = await own()
    const program = `
      import { createEngine, DEFAULT_PARAMETERS, findSandbox } from ${JSON.stringify(import.meta.resolve('@obscura/engine'))}
      const engine = createEngine({ modelsFolder: ${JSON.stringify(join(folder, 'none'))}, ownModels: ${JSON.stringify(models)}, children: 1 })
      const output = await engine.anonymize(Buffer.from('${Buffer.from(photo).toString('base64')}', 'base64'), { ...DEFAULT_PARAMETERS, anonymization_method: 'detect', vehicle: true })
      console.log((await findSandbox('auto', 'cpu')).sentence, output.detections.length)
      await engine.close()`
    const bin = join(folder, 'bin')
    await mkdir(bin)
    await symlink(process.execPath, join(bin, 'node'))
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      env: { PATH: bin },
    })
    expect(stdout).toMatch(/^permission model.* 1\n$/)
  })

  it('fails what asks for a class that it does not detect, and says so', async () => {
    await expect(detect(await own(), {}, { vehicle: true, face: true })).rejects.toMatchObject({
      code: 'PARAMETER_ERROR_FORMAT',
      message: expect.stringContaining('No model of the profile "standard" detects face: add one'),
    })
  })

  it('is told which field is wrong when its tensors have other names', async () => {
    const models = await own(undefined, { decoder: { ...ROW, output: 'outt' } })
    await expect(detect(models)).rejects.toThrow('own.json: decoder.output: the ONNX file has no output "outt", only out')
  })

  it('is named when it fails', async () => {
    const failing = networkThat(network => network.node('Reshape', ['image', network.integers([7])]))
    await expect(detect(await own(failing))).rejects.toThrow(/The model own failed: /)
  })

  it('is cut at inner values, which frees its size', async () => {
    const network = new OnnxBuilder()
    network.input('image', DIMS)
    const bright = network.node('ReduceMean', ['image'], { axes: [1, 2, 3], keepdims: 1 })
    const none = network.node('Mul', [bright, network.floats([0])])
    const row = network.node('Add', [
      network.node('Reshape', [none, network.integers([1, 1])]),
      network.floats([8, 8, 40, 40, 0.9, 0], [1, 6]),
    ])
    // Only an input of the declared size survives this.
    network.output('end', network.node('Reshape', ['image', network.integers([SIDE * SIDE * 3])]))
    network.output('out', row)
    const parts = { cut: [row], decoder: { ...ROW, output: row }, input: { ...INPUT, size: { multiple: 32 } } }
    const profile = { name: 'standard', tilings: [], models: { own: { passes: [{ longSide: 128 }] } } }
    const models = await own(network.encode(), parts, folder =>
      writeFile(join(folder, 'profiles', 'standard.json'), JSON.stringify(profile)),
    )
    // Twice as large an input: the same box is half as large in the photo.
    expect((await detect(models)).detections).toMatchObject([{ class: 'vehicle', box: [4, 4, 20, 20] }])
  })
})

/** A network whose output is the sum of what an operation gives. */
function networkThat(compute: (network: OnnxBuilder) => string): Uint8Array {
  const network = new OnnxBuilder()
  network.input('image', DIMS)
  const sum = network.node('ReduceSum', [compute(network)], { keepdims: 0 })
  network.output('out', network.node('Add', [sum, network.floats([0, 0, 0, 0, 0, 0], [1, 6])]))
  return network.encode()
}

function withExternalData(): Uint8Array {
  const model = protocol.onnx.ModelProto.decode(networkOf(OUTPUT, DIMS))
  const [weights] = model.graph!.initializer!
  weights.rawData = new Uint8Array(0)
  weights.dataLocation = 1
  weights.externalData = [{ key: 'location', value: '/etc/passwd' }]
  return protocol.onnx.ModelProto.encode(model).finish()
}

describe('a hostile model', () => {
  const outside = async (models: string) => {
    const file = join(folder, `outside-${Math.random()}`)
    await writeFile(file, await readFile(join(models, 'net.onnx')))
    return file
  }
  const replaced = (name: string) => async (models: string) => {
    const target = await outside(models)
    await rm(join(models, name))
    await symlink(target, join(models, name))
  }

  it.each<[string, () => Promise<string>, string]>([
    ['names a path outside', () => own(undefined, { file: '../net.onnx' }), 'own.json: file: expected'],
    ['is a link that leads out', () => own(undefined, {}, replaced('net.onnx')), 'leads out of the folder'],
    [
      'has a manifest that is a link that leads out',
      () => own(undefined, {}, replaced('manifests/own.json')),
      'leads out of the folder',
    ],
    [
      'is in a folder that is a link that leads out',
      () => own(undefined, { file: 'in/etc/passwd' }, models => symlink('/', join(models, 'in'))),
      'leads out of the folder',
    ],
    [
      'is a pipe',
      () =>
        own(undefined, {}, async models => {
          await rm(join(models, 'net.onnx'))
          await promisify(execFile)('mkfifo', [join(models, 'net.onnx')])
        }),
      'is not a regular file',
    ],
    ['has another hash', () => own(undefined, { sha256: '0'.repeat(64) }), 'does not match its manifest'],
    ['is larger than its manifest says', () => own(undefined, { bytes: 10 }), 'at most 10 are accepted'],
    ['keeps its weights in other files', () => own(withExternalData()), 'its weights lie in other files'],
    ['is not an ONNX file', () => own(Buffer.from('no network')), 'it is not an ONNX file'],
    ['is truncated', () => own(networkOf(OUTPUT, DIMS).subarray(0, 100)), 'it is not an ONNX file'],
    [
      'has a manifest of a megabyte',
      () => own(undefined, { title: 'x'.repeat(2 ** 20) }),
      'bytes long; at most 1048576 are accepted',
    ],
  ])('that %s is refused before it is loaded', async (_, make, message) => {
    // In a sandbox what lies outside is not even visible.
    await expect(detect(await make(), { sandbox: 'off' })).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      message: expect.stringContaining(message),
    })
  })

  it('that fills memory ends its process, and the engine goes on', async () => {
    const greedy = networkThat(network => {
      const large = network.node('ConstantOfShape', [network.node('Shape', [network.floats([], [30_000, 30_000, 0])])])
      return network.node('Expand', [large, network.integers([4, 20_000, 20_000])])
    })
    const models = await own(greedy)
    const memory = 600e6
    await expect(detect(models, { limits: { memory } })).rejects.toMatchObject({ code: 'INTERNAL_ERROR' })
    expect((await detect(await own())).detections).toHaveLength(1)
  })

  it('that never ends is stopped at the time limit', async () => {
    const slow = networkThat(network => {
      const square = network.node('Expand', [
        network.node('ReduceMean', ['image'], { axes: [0, 1, 2, 3], keepdims: 0 }),
        network.integers([3000, 3000]),
      ])
      return Array.from({ length: 200 }).reduce<string>(product => network.node('MatMul', [product, square]), square)
    })
    await expect(detect(await own(slow), { limits: { time: 6000 } })).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      message: expect.stringContaining('took longer than 6 s'),
    })
  })
})
