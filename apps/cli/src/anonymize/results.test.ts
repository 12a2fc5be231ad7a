import { spawnSync } from 'node:child_process'
import { appendFile, link, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { versionOf } from '../images/read-image.js'
import type { Item } from './plan.js'
import { openResults } from './results.js'
import { temporaryFolder } from './temporary-folder.js'

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
  await results.write(item, await versionOf(item.file), contents)
  await results.close()
}

test('a written image is done, also for later runs, and no temporary files remain', async () => {
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

test('a link in the place of a folder of results is only followed inside the output folder', async () => {
  const elsewhere = path.join(root, 'elsewhere')
  await Promise.all([mkdir(elsewhere), mkdir(path.join(out, 'inside'), { recursive: true })])
  await symlink(elsewhere, path.join(out, 'x'))
  await expect(writeOnce()).rejects.toThrow(/out\/x is a link that leads out of the output folder/)
  await rm(path.join(out, 'x'))
  await symlink(root, path.join(out, 'y'))
  item = { ...item, image: 'y/new/a.jpg', sidecars: {} }
  const results = await openResults(out, 1)
  await expect(results.write(item, '', new Map([['y/new/a.jpg', Buffer.from('image')]]))).rejects.toThrow('leads out')
  await results.close()
  expect([await readdir(elsewhere), (await readdir(root)).sort()]).toEqual([[], ['a.jpg', 'elsewhere', 'out']])
  await symlink('inside', path.join(out, 'x'))
  item = { ...item, image: 'x/a.jpg', sidecars: { metadata: 'x/a.json' } }
  await writeOnce()
  expect(await readdir(path.join(out, 'inside'))).toEqual(['a.jpg', 'a.json'])
})

test('a link in the place of the journal or its folder is not followed', async () => {
  const other = path.join(root, 'other')
  await mkdir(path.join(out, '.obscura'), { recursive: true })
  await writeFile(other, 'mine\n')
  await symlink(other, path.join(out, '.obscura/done.jsonl'))
  await expect(writeOnce()).rejects.toMatchObject({ code: 'ELOOP' })
  expect(await readFile(other, 'utf8')).toBe('mine\n')
  await rm(path.join(out, '.obscura'), { recursive: true })
  await symlink(root, path.join(out, '.obscura'))
  await expect(openResults(out, 1)).rejects.toThrow('is a link. Remove it')
})

test('a file that is not ours is foreign, not done', async () => {
  await mkdir(path.join(out, 'x'), { recursive: true })
  await writeFile(path.join(out, 'x/a.jpg'), 'somebody else made this')
  expect(await stateNow()).toBe('foreign')
})

test('what another command has finished since the start is done, not foreign', async () => {
  const results = await openResults(out, 1)
  await writeOnce()
  expect(await results.state(item)).toBe('done')
  await results.close()
})

test('what a killed run left is removed, and its half line in the journal is skipped', async () => {
  await writeOnce()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  await mkdir(leftover(pid))
  await writeFile(path.join(leftover(pid), '0'), 'half')
  await appendFile(path.join(out, '.obscura/done.jsonl'), '{"image": "x/b')
  expect(await stateNow()).toBe('done')
  expect(await readdir(path.join(out, '.obscura'))).toEqual(['done.jsonl'])
  await writeOnce()
  expect(await stateNow()).toBe('done')
})

/** The temporary folder of a process on this machine. */
function leftover(pid: number, settings = 'settings'): string {
  return temporaryFolder(path.join(out, '.obscura'), settings, pid)
}

test('temporary files of other machines and containers are kept until they are a day old', async () => {
  await writeOnce()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const [fresh, old] = [1, 2].map(digit => leftover(pid).replace(/-\w+(-settings)$/, `-machine${digit}$1`))
  for (const folder of [fresh, old]) await mkdir(folder)
  await utimes(old, 1, 1)
  await stateNow()
  expect((await readdir(path.join(out, '.obscura'))).sort()).toEqual(['done.jsonl', path.basename(fresh)])
})

test('while another command writes with other settings, the folder is refused', async () => {
  await writeOnce()
  await mkdir(leftover(process.ppid))
  await expect(openResults(out, 1)).rejects.toThrow(`(process ${process.ppid}) is writing there with different settings`)
  await rm(leftover(process.ppid), { recursive: true })
  expect(await stateNow()).toBe('done')
  expect(await readdir(path.join(out, '.obscura'))).toEqual(['done.jsonl'])
})

test('a photo that changed while it was processed counts as not done', async () => {
  const results = await openResults(out, 1)
  const version = await versionOf(item.file)
  await writeFile(item.file, 'another photo')
  await results.write(item, version, contents)
  expect(await results.state(item)).toBe('open')
})

test('where a sidecar cannot be named or put in place, nothing of the photo is written', async () => {
  const long: Item = { ...item, sidecars: { binaryMask: `x/${'b'.repeat(250)}.binary.png` } }
  const blocked: Item = { ...item, sidecars: { metadata: 'x/a.json', binaryMask: 'x/taken' } }
  await mkdir(path.join(out, 'x/taken/inside'), { recursive: true })
  const results = await openResults(out, 1)
  await expect(results.state(long)).rejects.toMatchObject({ code: 'ENAMETOOLONG' })
  const bodies = new Map([...contents, ['x/taken', Buffer.from('mask')]])
  await expect(results.write(blocked, '', bodies)).rejects.toThrow()
  expect(await readdir(path.join(out, 'x'))).toEqual(['taken'])
})

test('on a disk that treats two names as one, the second result does not replace the first', async () => {
  const results = await openResults(out, 1)
  await results.write(item, '', contents)
  // As such a file system shows it.
  await link(path.join(out, 'x/a.jpg'), path.join(out, 'x/A.JPG'))
  const other: Item = { ...item, image: 'x/A.JPG', sidecars: {} }
  await expect(results.write(other, '', new Map([['x/A.JPG', Buffer.from('other')]]))).rejects.toThrow(
    'x/A.JPG and x/a.jpg, another result, are the same file',
  )
  expect(await readFile(path.join(out, 'x/a.jpg'), 'utf8')).toBe('image')
})

test('a folder that cannot be written to is refused with advice', async () => {
  await expect(openResults(item.file, 1)).rejects.toThrow(/Cannot write to .*--out/)
})

test('an image is removed with its sidecars of earlier runs, except those written for another image since', async () => {
  const body = Buffer.from('four')
  const write = async (image: string, metadata: string) => {
    const results = await openResults(out, 1)
    const contents = [image, metadata].map((name): [string, Buffer] => [name, body])
    await results.write({ ...item, image, sidecars: { metadata } }, '', new Map(contents))
    await results.close()
  }
  await write('a.jpg', 'a.json')
  // Beside a.png it needs another name; once it is the only one, a.json is of a.png.
  await write('a.jpg', 'a.jpg.json')
  await write('a.png', 'a.json')
  await write('b.jpg', 'b.json')
  await write('b.jpg', 'b.jpg.json')
  const left = async () => (await readdir(out)).filter(name => name !== '.obscura').sort()
  const results = await openResults(out, 1)
  await results.remove('a.jpg')
  expect(await left()).toEqual(['a.json', 'a.png', 'b.jpg', 'b.jpg.json', 'b.json'])
  await results.remove('b.jpg')
  expect(await left()).toEqual(['a.json', 'a.png'])
  await results.close()
  const again = await openResults(out, 1)
  await again.remove('a.jpg')
  expect(await left()).toEqual(['a.json', 'a.png'])
  await again.remove('a.png')
  expect(await left()).toEqual([])
  await again.close()
})

test('a sidecar recorded with two images belongs to the one that was written last', async () => {
  const results = await openResults(out, 1)
  for (const image of ['a.jpg', 'a.png']) {
    const bodies = [image, 'a.json'].map((name): [string, Buffer] => [name, Buffer.from('four')])
    await results.write({ ...item, image, sidecars: { metadata: 'a.json' } }, '', new Map(bodies))
  }
  await results.remove('a.jpg')
  expect((await readdir(out)).sort()).toEqual(['.obscura', 'a.json', 'a.png'])
  await results.close()
})
