import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InspectError, inspectModel } from './inspect.js'
import { isReply } from './protocol.js'

const MODELS = fileURLToPath(new URL('../../../../models', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a network tells its tensors, how long it took to load, and the memory for it', async () => {
  const { inputs, outputs, loadMs, peakBytes } = await inspectModel(MODELS, 'weights/plate.onnx')
  expect(inputs).toMatchObject([{ name: 'image', type: 'float32', shape: [1, 3, expect.any(String), expect.any(String)] }])
  expect(outputs.map(({ name }) => name)).toEqual(['s4', 's8', 's16', 's32'])
  expect(loadMs).toBeGreaterThan(0)
  if (process.platform === 'linux') expect(peakBytes).toBeGreaterThan(10e6)
})

describe('no harm is done by', () => {
  const refused = (file: string, limits = {}) => expect(inspectModel(folder, file, { limits })).rejects
  test('a file that is not a network', async () => {
    await writeFile(join(folder, 'text.onnx'), 'This is not a network.')
    await refused('text.onnx').toThrow(InspectError)
  })

  test('a path or a link that leads out of the folder', async () => {
    await refused('../secret.onnx').toThrow(InspectError)
    await symlink(join(MODELS, 'weights/plate.onnx'), join(folder, 'link.onnx'))
    await refused('link.onnx').toThrow(/leads out of the folder|ERR_ACCESS_DENIED|ENOENT/)
  })

  test('a file that is far too large', async () => {
    await writeFile(join(folder, 'huge.onnx'), '')
    await truncate(join(folder, 'huge.onnx'), 3 * 1024 ** 3)
    await refused('huge.onnx').toThrow(/at most 2147483647 are accepted/)
  })

  test('a network that takes too long or too much memory', async () => {
    await expect(inspectModel(MODELS, 'weights/plate.onnx', { limits: { time: 1 } })).rejects.toThrow('longer than 0.001 s')
    if (process.platform === 'linux')
      await expect(inspectModel(MODELS, 'weights/plate.onnx', { limits: { memory: 1e6 } })).rejects.toThrow('1 MB of memory')
  })
})

test.each([
  undefined,
  'a',
  {},
  { error: 1 },
  { inputs: [{ name: 1 }], outputs: [], maps: [], loadMs: 1 },
  { inputs: [], outputs: [], maps: [1], loadMs: 1 },
  { inputs: [], outputs: [], maps: [], loadMs: '1' },
])('%j is not a reply', message => expect(isReply(message)).toBe(false))
