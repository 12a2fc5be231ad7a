import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openJournal } from '../images/journal.js'
import { reasonsOfAbsent, removeReason, writeReason } from './reasons.js'

let root: string
const at = (name: string) => path.join(root, name)
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-reasons-'))
  for (const folder of ['failed', 'victim']) await mkdir(at(folder))
  await writeFile(at('victim/notes.txt'), 'keep')
})
afterAll(() => rm(root, { recursive: true }))

test('a reason is written below the folder and removed from it, and a missing one is ignored', async () => {
  await writeReason(at('failed'), at('in'), 'sub/b.jpg', 'It is damaged.')
  expect(await readdir(at('failed/sub'))).toEqual(['b.jpg.txt'])
  expect(await readFile(at('failed/sub/b.jpg.txt'), 'utf8')).toBe(`It is damaged.\n${at('in/sub/b.jpg')}\n`)
  for (const folder of ['failed', 'failed', 'missing']) await removeReason(at(folder), 'sub/b.jpg')
  expect(await readdir(at('failed/sub'))).toEqual([])
})

test('reasons of absent images are found again, those of another watched folder and other files are not', async () => {
  const folder = at('found')
  expect(await reasonsOfAbsent(folder, at('in'), new Set())).toEqual([])
  const name = 'sub/caf\udce9.jpg'
  for (const image of ['a.jpg', 'b.jpg', name]) await writeReason(folder, at('in'), image, 'It is damaged.')
  await writeReason(folder, at('other'), 'c.jpg', 'It is damaged.')
  await writeFile(path.join(folder, 'notes.txt'), 'keep')
  await symlink(folder, path.join(folder, 'again'))
  expect((await reasonsOfAbsent(folder, at('in'), new Set(['b.jpg']))).sort()).toEqual(['a.jpg', name])
})

test('no reason outside the folder is removed, by a name or through a link', async () => {
  await symlink(at('victim'), at('failed/link'))
  for (const image of ['../victim/notes', 'link/notes', 'link/../victim/notes']) await removeReason(at('failed'), image)
  expect(await readdir(at('victim'))).toEqual(['notes.txt'])
})

test('a line of the journal whose image lies outside the output folder is skipped', async () => {
  await mkdir(at('out/.obscura'), { recursive: true })
  const images = ['../../home/bob/notes', 'sub/../../notes', '/etc/notes', '..', '..a.jpg', 'sub/b.jpg']
  const lines = images.map(image => JSON.stringify({ image, source: 'here', files: { [image]: 1 } }))
  await writeFile(at('out/.obscura/done.jsonl'), lines.join('\n'))
  const journal = await openJournal(at('out'))
  expect(journal.from('here').map(({ image }) => image)).toEqual(['..a.jpg', 'sub/b.jpg'])
})
