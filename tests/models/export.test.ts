/** Packing, moving and removing models, also those of a folder that somebody else has made. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { x as extract, t as list } from 'tar'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { obscura, REPOSITORY } from '../command.js'
import { type ModelsFolder, makeModelsFolder, NET } from './models-folder.js'

let made: ModelsFolder
const at = (...names: string[]) => made.at(...names)
const models = (...args: string[]) => made.models(...args)

beforeAll(async () => {
  made = await makeModelsFolder()
  await made.addCars()
})
afterAll(() => made.remove())

test('a model of two precisions is checked, added, packed and removed with both files', async () => {
  expect(await models('check', 'plate', '--image', 'gray.jpg')).toMatchObject({ code: 0 })
  const built = path.join(REPOSITORY, 'models')
  const plate = JSON.parse(await readFile(path.join(built, 'manifests/plate.json'), 'utf8'))
  await mkdir(at('both'), { recursive: true })
  await copyFile(path.join(built, plate.file), at('both', 'float.onnx'))
  await copyFile(path.join(built, plate.int8.file), at('both', 'int8.onnx'))
  const manifest = { ...plate, name: 'both', file: 'float.onnx', int8: { ...plate.int8, file: 'int8.onnx' } }
  await writeFile(at('both', 'both.json'), JSON.stringify(manifest))
  const before = readdirSync(at('own', 'files'))
  expect(await models('add', 'both/both.json')).toMatchObject({ code: 0 })
  const files = ['files/both.onnx', 'files/both.int8.onnx']
  for (const file of files) expect(existsSync(at('own', file))).toBe(true)
  expect((await models('export', '--out', 'both.tar')).code).toBe(0)
  const packed: string[] = []
  await list({ file: at('both.tar'), onReadEntry: entry => packed.push(entry.path) })
  expect(packed).toEqual(expect.arrayContaining(files))
  expect((await models('remove', 'both')).code).toBe(0)
  expect(readdirSync(at('own', 'files'))).toEqual(before)
})

test('a file that cannot be written is reported without a stack', async () => {
  for (const args of [['export'], ['check', 'tiny', '--image', 'gray.jpg']]) {
    const { code, stderr } = await models(...args, '--out', 'missing/out')
    expect(stderr).toBe('obscura: missing/out cannot be written: no such file. Name another file with --out.\n')
    expect(code).toBe(1)
  }
})

test('what was added goes to another machine, and can be removed', async () => {
  expect((await models('export', '--out', 'models.tar')).code).toBe(0)
  await mkdir(at('elsewhere'))
  await extract({ file: at('models.tar'), cwd: at('elsewhere') })
  const there = await obscura(['models', 'list'], { env: { OBSCURA_MODELS: at('elsewhere') } })
  expect(there.stdout).toMatch(/^tiny .*cars/m)
  expect((await models('remove', 'tiny')).stderr).toContain('The profile cars names tiny')
  await rm(at('own', 'profiles'), { recursive: true })
  expect((await models('remove', 'tiny')).stdout).toBe('Removed tiny.\n')
  expect(readdirSync(at('own', 'files'))).toEqual([])
  expect((await models('remove', 'nanodet')).stderr).toContain('nanodet is built in')
})

describe('a folder of models from somebody else', () => {
  const strange = (...names: string[]) => at('strange', ...names)
  const inStrange = (...args: string[]) => obscura(['models', ...args], { cwd: made.folder, env: { OBSCURA_MODELS: strange() } })
  const isSame = async (file: string) => expect(await readFile(file)).toEqual(NET)
  beforeEach(async () => {
    await rm(strange(), { recursive: true, force: true })
    await mkdir(at('outside'), { recursive: true })
    await writeFile(at('outside', 'net.onnx'), NET)
    expect(await inStrange('add', 'tiny.onnx', '--name', 'net')).toMatchObject({ code: 0 })
  })

  test('whose file is a link to another folder is not packed, and takes nothing of that folder along', async () => {
    await rm(strange('files'), { recursive: true })
    await symlink('../outside', strange('files'))
    for (const command of [
      ['export', '--out', 'strange.tar'],
      ['remove', 'net'],
    ]) {
      const { code, stderr } = await inStrange(...command)
      expect(stderr).toMatch(/^obscura: .* leads out of the folder .*: copy the file into the folder\.\n$/)
      expect(code).toBe(1)
    }
    expect(existsSync(at('strange.tar'))).toBe(false)
    await isSame(at('outside', 'net.onnx'))
  })

  test('whose links stay inside is packed with what they lead to, and with nothing else that lies there', async () => {
    await rename(strange('files', 'net.onnx'), strange('net.bin'))
    await symlink('../net.bin', strange('files', 'net.onnx'))
    await symlink('/etc', strange('manifests', 'etc'))
    expect(await inStrange('export', '--out', 'strange.tar')).toMatchObject({ code: 0 })
    await mkdir(at('unpacked'))
    await extract({ file: at('strange.tar'), cwd: at('unpacked') })
    await isSame(at('unpacked', 'files', 'net.onnx'))
    expect(readdirSync(at('unpacked', 'manifests'))).toEqual(['net.json'])
  })

  test('whose file is a pipe is refused at once', async () => {
    await rm(strange('files', 'net.onnx'))
    execFileSync('mkfifo', [strange('files', 'net.onnx')])
    expect((await inStrange('export', '--out', 'strange.tar')).stderr).toContain('is not a regular file')
    expect((await inStrange('check', 'net', '--image', 'gray.jpg')).stderr).toContain('is not a regular file')
  })

  test('whose manifest names a file elsewhere fails every command with a message, without a stack', async () => {
    const manifest = JSON.parse(await readFile(strange('manifests', 'net.json'), 'utf8'))
    await writeFile(strange('manifests', 'net.json'), JSON.stringify({ ...manifest, file: '../outside/net.onnx' }))
    for (const command of [['list'], ['show', 'net'], ['remove', 'net'], ['export', '--out', 'strange.tar']])
      expect((await inStrange(...command)).stderr).toMatch(
        /^obscura: .*net\.json: file: expected the path .* found "\.\.\/outside\/net\.onnx"\n$/,
      )
    await isSame(at('outside', 'net.onnx'))
  })
})
