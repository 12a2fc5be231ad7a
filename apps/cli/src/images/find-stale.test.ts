/** Network mounts whose server fails, or no longer knows a file. */
import type * as files from 'node:fs/promises'
import { constants } from 'node:os'
import { beforeEach, expect, test, vi } from 'vitest'
import { findImages } from './find.js'
import { readImage } from './read-image.js'

/** The system's calls that fail for a path, and with which error. */
const failures = new Map<string, keyof typeof constants.errno>()

vi.mock('node:fs/promises', async original => {
  const real = await original<typeof files>()
  const folders: Record<string, string[]> = { '/mount': ['a.jpg', 'b.jpg', 'c.heic', 'sub'], '/mount/sub': ['d.jpg'] }
  const failing = (call: string, answer: (path: string) => unknown) => async (path: string) => {
    const code = failures.get(`${call} ${path}`)
    if (code === undefined) return answer(path)
    throw Object.assign(new Error(code), { errno: -constants.errno[code] })
  }
  const kindOf = (path: string) => ({ isDirectory: () => path in folders, isFile: () => !(path in folders), size: 3 })
  const isMount = (path: unknown) => String(path).startsWith('/mount')
  const handle = (path: string) => ({
    stat: async () => kindOf(path),
    readFile: () => failing('read', () => Buffer.from('abc'))(path),
    close: async () => {},
  })
  const mounted: Record<string, (path: string) => unknown> = {
    stat: failing('stat', kindOf),
    lstat: failing('stat', kindOf),
    realpath: failing('realpath', path => Buffer.from(path)),
    readdir: failing('readdir', path => folders[path].map(name => Buffer.from(name))),
    open: failing('open', handle),
  }
  const replaced = Object.entries(mounted).map(([name, call]) => {
    const own = real[name as keyof typeof files] as (...given: unknown[]) => unknown
    return [name, (path: string, ...rest: unknown[]) => (isMount(path) ? call(path) : own(path, ...rest))]
  })
  return { ...real, ...Object.fromEntries(replaced) }
})

beforeEach(() => failures.clear())

const SENTENCES = [
  ['EIO', 'i/o error'],
  ['ESTALE', 'the network mount no longer knows it (stale file handle)'],
] as const

test.each(SENTENCES)('%s in a folder is reported for what failed, and the rest is found', async (code, problem) => {
  const cases = [
    ['stat /mount/b.jpg', '/mount/b.jpg', ['a.jpg', 'sub/d.jpg']],
    ['stat /mount/c.heic', '/mount/c.heic', ['a.jpg', 'b.jpg', 'sub/d.jpg']],
    ['stat /mount/sub', '/mount/sub', ['a.jpg', 'b.jpg']],
    ['realpath /mount/sub', '/mount/sub', ['a.jpg', 'b.jpg']],
    ['readdir /mount/sub', '/mount/sub', ['a.jpg', 'b.jpg']],
    ['readdir /mount', '/mount', []],
  ] as const
  for (const [call, file, found] of cases) {
    failures.clear()
    failures.set(call, code)
    const { photos, problems } = await findImages(['/mount'])
    expect(problems, call).toEqual([{ file, problem }])
    expect(
      photos.map(photo => photo.below),
      call,
    ).toEqual(found)
  }
})

test.each(SENTENCES)('%s of a folder that is named itself is not ignored', async code => {
  failures.set('stat /mount', code)
  const { photos } = await findImages(['/mount'])
  expect(photos).toEqual([{ file: '/mount', below: 'mount' }])
  await expect(readImage('/mount', 10)).rejects.toMatchObject({ errno: -constants.errno[code] })
})

test.each(SENTENCES)('%s while a photo is opened or read rejects', async code => {
  for (const call of ['open', 'read']) {
    failures.clear()
    failures.set(`${call} /mount/a.jpg`, code)
    await expect(readImage('/mount/a.jpg', 10), call).rejects.toMatchObject({ errno: -constants.errno[code] })
  }
  failures.clear()
  expect((await readImage('/mount/a.jpg', 10)).bytes.toString()).toBe('abc')
})
