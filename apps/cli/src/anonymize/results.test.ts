import { spawnSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Item } from './plan.js'
import { openResults } from './results.js'

let root: string
let out: string
let item: Item
const contents = new Map([
  ['x/a.jpg', Buffer.from('image')],
  ['x/a.json', Buffer.from('{}')],
])

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-results-'))
  out = path.join(root, 'out')
  item = { file: path.join(root, 'a.jpg'), image: 'x/a.jpg', sidecars: { metadata: 'x/a.json' } }
  await writeFile(item.file, 'photo')
})

afterEach(() => rm(root, { recursive: true, force: true }))

async function stateNow(settings: unknown = 1) {
  const results = await openResults(out, settings)
  const state = await results.state(item)
  await results.close()
  return state
}

async function writeOnce() {
  const results = await openResults(out, 1)
  await results.write(item, contents)
  await results.close()
}

test('what was written is done, for later runs as well, and nothing else stays behind', async () => {
  expect(await stateNow()).toBe('open')
  await writeOnce()
  expect(await stateNow()).toBe('done')
  expect(await readFile(path.join(out, 'x/a.jpg'), 'utf8')).toBe('image')
  expect(await readdir(path.join(out, '.obscura'))).toEqual(['done.jsonl'])
})

test.each([
  ['other settings', () => Promise.resolve(2)],
  ['a changed photo', () => utimes(item.file, 1, 1)],
  ['a missing image', () => rm(path.join(out, 'x/a.jpg'))],
  ['a missing sidecar', () => rm(path.join(out, 'x/a.json'))],
  ['a result of another length', () => appendFile(path.join(out, 'x/a.jpg'), '!')],
])('%s makes it open again', async (_, change) => {
  await writeOnce()
  expect(await stateNow((await change()) ?? 1)).toBe('open')
})

test('a file that is not ours is foreign, not done', async () => {
  await mkdir(path.join(out, 'x'), { recursive: true })
  await writeFile(path.join(out, 'x/a.jpg'), 'somebody else made this')
  expect(await stateNow()).toBe('foreign')
})

test('what a killed run left is removed, and its half line in the journal is skipped', async () => {
  await writeOnce()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  await mkdir(path.join(out, `.obscura/writing-${pid}`))
  await writeFile(path.join(out, `.obscura/writing-${pid}/0`), 'half')
  await appendFile(path.join(out, '.obscura/done.jsonl'), '{"image": "x/b')
  expect(await stateNow()).toBe('done')
  expect(await readdir(path.join(out, '.obscura'))).toEqual(['done.jsonl'])
  await writeOnce()
  expect(await stateNow()).toBe('done')
})

test('a folder that cannot be written to is refused with advice', async () => {
  await expect(openResults(item.file, 1)).rejects.toThrow(/Cannot write to .*--out/)
})
