import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { insideExisting, insideFolder } from './folder-inside.js'

let root: string
const at = (...names: string[]) => path.join(root, ...names)
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-inside-'))
  await mkdir(at('out'))
  await mkdir(at('victim'))
  await writeFile(at('victim/theirs.jpg'), '')
})
afterEach(() => rm(root, { recursive: true }))

/** Puts a link out of the output folder in the place of a folder in it. */
async function swap(name: string): Promise<void> {
  await rename(at('out', name), at('out/moved'))
  await symlink(at('victim'), at('out', name))
}

test('folders are created level by level, and links that stay inside are followed', async () => {
  await insideFolder(at('out'), 'a/b', folder => writeFile(path.join(folder, '1.jpg'), ''))
  await symlink('a', at('out/link'))
  await insideFolder(at('out'), 'link/b', folder => writeFile(path.join(folder, '2.jpg'), ''))
  expect(await readdir(at('out/a/b'))).toEqual(['1.jpg', '2.jpg'])
})

test('a link that leads out is refused, at any level', async () => {
  await symlink(at('victim'), at('out/link'))
  for (const below of ['link', 'link/sub'])
    await expect(insideFolder(at('out'), below, async () => {})).rejects.toThrow('link is a link that leads out')
  for (const below of ['link', '../victim', at('victim'), 'missing'])
    expect(await insideExisting(at('out'), below, async () => true), below).toBeUndefined()
  expect(await readdir(at('victim'))).toEqual(['theirs.jpg'])
})

test.skipIf(process.platform !== 'linux')('a link that comes after the check is not followed either', async () => {
  await insideFolder(at('out'), 'a/b', async folder => {
    await swap('a')
    await writeFile(path.join(folder, 'ours.jpg'), '')
  })
  expect(await readdir(at('out/moved/b'))).toEqual(['ours.jpg'])
  await mkdir(at('out/c'))
  await insideExisting(at('out'), 'c', async folder => {
    await rm(at('out/moved'), { recursive: true })
    await swap('c')
    await rm(path.join(folder, 'theirs.jpg'), { force: true })
  })
  expect(await readdir(at('victim'))).toEqual(['theirs.jpg'])
})
