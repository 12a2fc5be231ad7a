import { link, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPlacer } from './place-results.js'

let out: string
let place: (name: string, text: string) => Promise<void>

beforeEach(async () => {
  out = await mkdtemp(path.join(tmpdir(), 'obscura-place-'))
  const placer = createPlacer(out)
  place = async (name, text) => {
    const from = path.join(out, 'temporary')
    await writeFile(from, text)
    await placer([{ from, name }], async () => {})
  }
})

afterEach(() => rm(out, { recursive: true, force: true }))

test('a name that is the same file as another result is refused, and that result stays', async () => {
  await place('a.jpg', 'first')
  await link(path.join(out, 'a.jpg'), path.join(out, 'b.jpg'))
  await expect(place('b.jpg', 'second')).rejects.toThrow('b.jpg and a.jpg, another result, are the same file')
  expect(await readFile(path.join(out, 'a.jpg'), 'utf8')).toBe('first')
})

test('the inode of a result that another command replaced may belong to the next result', async () => {
  await place('a.jpg', 'ours')
  // As file systems do that give a freed inode number to the next file.
  await rename(path.join(out, 'a.jpg'), path.join(out, 'b.jpg'))
  await writeFile(path.join(out, 'a.jpg'), 'theirs')
  await place('b.jpg', 'ours too')
  expect(await readFile(path.join(out, 'b.jpg'), 'utf8')).toBe('ours too')
})
