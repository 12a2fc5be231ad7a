import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { diskOf, diskOfImage } from '../anonymize/disk.js'
import { openResults, type Results } from '../anonymize/results.js'
import { findImages } from '../images/find.js'
import { versionOf } from '../images/read-image.js'
import { createMirror, type Mirror } from './mirror.js'
import { writeReason } from './reasons.js'

let root: string
let results: Results
let mirror: Mirror
let now = 0
const at = (...names: string[]) => path.join(root, ...names)

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-mirror-'))
  await mkdir(at('in'))
  await open()
})
afterEach(async () => {
  await results.close()
  await rm(root, { recursive: true })
})

/** As after a start of the command. */
async function open(): Promise<void> {
  await results?.close()
  results = await openResults(at('out'), 1, at('in'))
  mirror = createMirror(results, at('in'), at('failed'), 1000)
}

/** Puts images into the watched folder, with results. */
async function put(...images: string[]): Promise<void> {
  for (const image of images) {
    await mkdir(path.dirname(at('in', image)), { recursive: true })
    const file = at('in', image)
    await writeFile(file, 'photo')
    await results.write({ file, image, sidecars: {} }, await versionOf(file), new Map([[image, Buffer.from('result')]]))
  }
}

/** Searches long enough for deletions to count. Returns the results, and what was said last. */
async function search(): Promise<[string[], string]> {
  let said = ''
  for (let time = 0; time < 3; time++) {
    now += 1000
    said = await mirror.update(await findImages([at('in')]), now)
  }
  return [(await readdir(at('out'), { recursive: true })).filter(name => name.endsWith('.jpg')).sort(), said]
}

test.each([
  ['while the command runs', search],
  ['while it did not run', open],
])('results of an emptied folder stay until it is removed, of a single photo they go: %s', async (_, before) => {
  await put('cam1/1.jpg', 'cam1/day/2.jpg', 'cam2/3.jpg', 'cam3/4.jpg')
  await before()
  await rm(at('in/cam1'), { recursive: true })
  await rm(at('in/cam3/4.jpg'))
  await mkdir(at('in/cam1'))
  const [left, said] = await search()
  expect(left).toEqual(['cam1/1.jpg', 'cam1/day/2.jpg', 'cam2/3.jpg'])
  expect(said).toBe(`${at('in/cam1')} is empty or on another disk. In case its mount is away, results stay.`)
  await rm(at('in/cam1'), { recursive: true })
  expect(await search()).toEqual([['cam2/3.jpg'], ''])
})

/** Memory is a disk of its own on Linux. */
const MEMORY = '/dev/shm'
const hasMemory = await Promise.all([MEMORY, tmpdir()].map(folder => stat(folder))).then(
  ([memory, other]) => memory.dev !== other.dev,
  () => false,
)

test.runIf(hasMemory)('results of a disk stay while another one is in its place, and follow when it is back', async () => {
  const disk = await mkdtemp(path.join(MEMORY, 'obscura-disk-'))
  try {
    await symlink(disk, at('in/cam1'))
    await put('cam1/1.jpg', 'cam1/day/2.jpg', 'cam2/3.jpg')
    await mkdir(at('other'))
    for (const start of [search, open]) {
      await start()
      await rm(at('in/cam1'))
      await symlink(at('other'), at('in/cam1'))
      await writeFile(at('other/9.jpg'), 'photo of another disk')
      const [left, said] = await search()
      expect(left).toEqual(['cam1/1.jpg', 'cam1/day/2.jpg', 'cam2/3.jpg'])
      expect(said).toContain(`${at('in/cam1')} is empty or on another disk.`)
      await rm(at('in/cam1'))
      await symlink(disk, at('in/cam1'))
    }
    await rm(path.join(disk, 'day'), { recursive: true })
    expect(await search()).toEqual([['cam1/1.jpg', 'cam2/3.jpg'], ''])
  } finally {
    await rm(disk, { recursive: true })
  }
})

test('a disk has one name in all its folders, and another disk another', async () => {
  await mkdir(at('in/a/b'), { recursive: true })
  expect(await diskOf(at('in/a/b'))).toBe(await diskOf(root))
  await put('a/1.jpg')
  expect([await diskOfImage(at('in/a/1.jpg')), await diskOfImage(at('in/a/2.jpg'))]).toEqual([await diskOf(root), undefined])
  if (hasMemory) expect(await diskOf(MEMORY)).not.toBe(await diskOf(root))
})

test('an image whose disk the journal does not know stays until it has been seen', async () => {
  await put('a.jpg', 'b.jpg', 'c.jpg')
  await results.close()
  const file = at('out/.obscura/done.jsonl')
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/"disk":"[^"]*",/g, ''))
  await open()
  await rename(at('in/a.jpg'), at('a.jpg'))
  expect((await search())[0]).toEqual(['a.jpg', 'b.jpg', 'c.jpg'])
  await rm(at('in/b.jpg'))
  expect((await search())[0]).toEqual(['a.jpg', 'c.jpg'])
})

test.each([
  ['while the command runs', async () => {}],
  ['while it did not run', open],
])('reasons of failures go with their images, and stay while no image is there: %s', async (_, before) => {
  await put('a.jpg')
  await writeFile(at('in/b.jpg'), 'no photo')
  for (const image of ['a.jpg', 'b.jpg']) await writeReason(at('failed'), at('in'), image, 'It is damaged.')
  await search()
  expect(await readdir(at('failed'))).toEqual(['a.jpg.txt', 'b.jpg.txt'])
  await before()
  await rm(at('in/b.jpg'))
  await search()
  expect(await readdir(at('failed'))).toEqual(['a.jpg.txt'])
  await rm(at('in/a.jpg'))
  expect((await search())[1]).toContain('The watched folder has no images.')
  expect(await readdir(at('failed'))).toEqual(['a.jpg.txt'])
})

test('an unreadable folder of reasons is reported, and results are removed anyway', async () => {
  await put('a.jpg', 'b.jpg')
  await writeFile(at('failed'), 'no folder')
  await rm(at('in/b.jpg'))
  const [left, said] = await search()
  expect(said).toContain(`${at('failed')}: cannot be read: `)
  expect(left).toEqual(['a.jpg'])
})
