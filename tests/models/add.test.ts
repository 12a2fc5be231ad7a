/** Adding models of the catalogue and files to the folder of own models, and what is refused. */
import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { obscura, REPOSITORY } from '../command.js'
import { type ModelsFolder, makeModelsFolder, NET } from './models-folder.js'
import { withExternalData } from './tiny-net.js'

let made: ModelsFolder
const at = (...names: string[]) => made.at(...names)
const models = (...args: string[]) => made.models(...args)

beforeAll(async () => {
  made = await makeModelsFolder()
})
afterAll(() => made.remove())

describe('a model of the catalogue', () => {
  test('is shown with licence, size and what it replaces, and its file compared on a machine without network', async () => {
    const { code, stdout, stderr } = await models('add', 'yunet-n', '--file', 'tiny.onnx')
    expect(stdout).toMatch(/licence: +Apache-2\.0\n[\s\S]*size: +0\.3 MB\n[\s\S]*replaces: +blazeface, ssd-face, ultraface/)
    expect(stderr).toMatch(/instead of 322404 bytes: it is not the expected file/)
    expect(code).toBe(1)
    expect(existsSync(at('own', 'manifests', 'yunet-n.json'))).toBe(false)
  })

  test('that is already there stays when a file with another hash is offered for it', async () => {
    expect((await models('add', 'tiny.onnx', '--name', 'kept')).code).toBe(0)
    const { file } = JSON.parse(await readFile(at('own', 'manifests', 'kept.json'), 'utf8'))
    const { code, stderr } = await models('add', 'tiny.onnx', '--name', 'kept', '--sha256', '0'.repeat(64))
    expect(stderr).toMatch(/it is not the expected file. Nothing was added/)
    expect(code).toBe(1)
    expect(await readFile(at('own', file))).toEqual(await readFile(at('tiny.onnx')))
    expect((await models('remove', 'kept')).code).toBe(0)
  })

  test('and other flags than its own are refused, as for the other sources', async () => {
    expect((await models('add', 'yunet-n', '--name', 'faces')).stderr).toContain(
      '--name has no effect for a model of the catalogue',
    )
    expect((await models('add', 'tiny.onnx', '--file', 'tiny.onnx')).stderr).toContain('--file has no effect for a file')
  })

  test('that must be fetched by hand says where', async () => {
    expect((await models('add', 'maskrcnn-12')).stderr).toMatch(/Get it from https:\/\/github.com\/onnx\/models .*--file FILE/)
  })

  test('that does not exist is not taken for a file', async () => {
    expect((await models('add', 'yolo-99')).stderr).toContain('is not a model of the catalogue, a file')
  })
})

describe('a file that cannot be used', () => {
  beforeAll(async () => {
    await writeFile(at('elsewhere.onnx'), withExternalData(NET))
    await writeFile(at('weights.data'), 'weights')
  })

  test.each([
    [
      'weights in another file',
      ['elsewhere.onnx'],
      'elsewhere.onnx cannot be loaded: its weights lie in other files: save it again',
    ],
    ['another layout', ['tiny.onnx', '--layout', 'yolov8'], 'do not fit the layout yolov8'],
    ['classes that nobody knows', ['tiny.onnx', '--classes', '2=bus'], 'classes.2: expected one of face, person,'],
  ])('is refused for %s, leaves nothing, and a model of that name stays as it is', async (_, args, message) => {
    expect((await models('add', 'tiny.onnx', '--name', 'used')).code).toBe(0)
    for (const name of ['used', 'other']) {
      const { code, stderr } = await models('add', ...args, '--name', name)
      expect(stderr).toContain(message.replace('elsewhere', name))
      expect(code).toBe(1)
    }
    expect(readdirSync(at('own', 'files')).sort()).toEqual(['used.onnx'])
    expect(await readFile(at('own/files/used.onnx'))).toEqual(NET)
    expect((await models('remove', 'used')).code).toBe(0)
  })

  test('is named as it was given when it is checked', async () => {
    expect((await models('check', 'elsewhere.onnx', '--image', 'gray.jpg')).stderr).toContain(
      'elsewhere.onnx cannot be loaded: its weights',
    )
  })
})

test('adding a model with the name of a built-in one says that it replaces that', async () => {
  expect((await models('add', 'tiny.onnx', '--name', 'ssdlite')).stdout).toContain('in place of the built-in model of that name')
  expect((await models('remove', 'ssdlite')).code).toBe(0)
  expect((await models('list')).stdout).toMatch(/^ssdlite .* built in$/m)
})

test("the folder of the built-in models is not one for models of one's own", async () => {
  const env = { OBSCURA_MODELS: path.join(REPOSITORY, 'models') }
  for (const args of [
    ['models', 'add', 'tiny.onnx'],
    ['models', 'list'],
    ['detect', 'gray.jpg', '--vehicle'],
  ])
    expect(await obscura(args, { cwd: made.folder, env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the folder of the built-in models'),
    })
})

test('a folder that cannot be written to is named, and the setting that chooses another', async () => {
  const { code, stderr } = await obscura(['models', 'add', 'tiny.onnx'], {
    cwd: made.folder,
    env: { OBSCURA_MODELS: at('gray.jpg') },
  })
  expect(stderr).toMatch(/^obscura: .*: not a directory\. .* set OBSCURA_MODELS to use another folder\.\n$/)
  expect(code).toBe(1)
})
