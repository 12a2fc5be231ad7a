import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeFiles } from './remove-files.js'

let root: string
const at = (name: string) => path.join(root, name)
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-remove-'))
  await mkdir(at('out/a/b'), { recursive: true })
  await mkdir(at('outside'))
  for (const file of ['out/a/b/1.jpg', 'out/a/2.jpg', 'out/mine.jpg', 'outside/3.jpg']) await writeFile(at(file), 'four')
})
afterAll(() => rm(root, { recursive: true }))

const files = async () => (await readdir(root, { recursive: true })).sort()

test('files are removed with folders that become empty, others stay, and a second time changes nothing', async () => {
  for (let time = 0; time < 2; time++) {
    await removeFiles(at('out'), { 'a/b/1.jpg': 4, 'mine.jpg': 5 })
    expect(await files()).toEqual(['out', 'out/a', 'out/a/2.jpg', 'out/mine.jpg', 'outside', 'outside/3.jpg'])
  }
})

test('nothing outside the folder is removed, by a name or through a link', async () => {
  await symlink(at('outside'), at('out/link'))
  const before = await files()
  await removeFiles(at('out'), { '../outside/3.jpg': 4, 'link/3.jpg': 4, [at('outside/3.jpg')]: 4 })
  expect(await files()).toEqual(before)
})
