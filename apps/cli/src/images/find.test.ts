import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findImages } from './find.js'

let root: string

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-find-'))
  const files = [
    'b.JPG',
    'a.png',
    'notes.txt',
    '.hidden.jpg',
    '.cache/c.jpg',
    'sub dir/ünï 照片.jpeg',
    'sub dir/deep/d.jpg',
    'out/e.jpg',
    'raw',
  ]
  for (const file of files) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true })
    await writeFile(path.join(root, file), '')
  }
})

afterEach(() => rm(root, { recursive: true, force: true }))

const below = async (...args: Parameters<typeof findImages>) => (await findImages(...args)).map(found => found.below)

test('searches folders to any depth for photos by their names, leaving out what is hidden and the output folder', async () => {
  const inOrder = ['a.png', 'b.JPG', 'sub dir/deep/d.jpg', 'sub dir/ünï 照片.jpeg']
  expect(await below([root], path.join(root, 'out'))).toEqual(inOrder)
  await symlink(path.join(root, 'out'), path.join(root, '.link'))
  expect(await below([root], path.join(root, '.link'))).toEqual(inOrder)
})

test('leaves out named pipes, which would keep the command waiting for ever', async () => {
  execFileSync('mkfifo', [path.join(root, 'pipe.jpg')])
  expect(await below([root])).not.toContain('pipe.jpg')
})

test('takes a file that is named itself whatever its name, even one that is missing', async () => {
  const raw = path.join(root, 'raw')
  expect(await findImages([raw, path.join(root, 'gone.jpg')])).toEqual([
    { file: raw, below: 'raw' },
    { file: path.join(root, 'gone.jpg'), below: 'gone.jpg' },
  ])
})

test('follows links, and ends where they lead in a circle', async () => {
  await symlink(root, path.join(root, 'sub dir/circle'))
  await symlink(path.join(root, 'a.png'), path.join(root, 'z.png'))
  await symlink(path.join(root, 'nowhere'), path.join(root, 'dangling.jpg'))
  expect(await below([root])).toEqual([
    'a.png',
    'b.JPG',
    'dangling.jpg',
    'out/e.jpg',
    'sub dir/deep/d.jpg',
    'sub dir/ünï 照片.jpeg',
    'z.png',
  ])
})
