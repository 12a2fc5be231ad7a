/** The hot folder when photos are moved, replaced and deleted. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ended, FIXTURES, obscura, printed, start } from './command.js'

let root: string
let photo: Buffer
const at = (...names: string[]) => path.join(root, ...names)
const args = (name: string, ...more: string[]) => [
  ...['watch', at(name), '--out', at(`${name}-out`), '--failed', at(`${name}-failed`)],
  ...['--settle', '0.5', '--interval', '0.2', '--face', '--no-heads', '--profile', 'fast', '--jobs', '1', ...more],
]
const results = async (name: string) =>
  (await readdir(at(`${name}-out`), { recursive: true })).filter(file => /\.(jpg|json)$/.test(file)).sort()

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-mirror-'))
  photo = await sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(480).jpeg().toBuffer()
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(path.dirname(at(name)), { recursive: true })
    await writeFile(at(name), photo)
  }
}

test('without --mirror-deletions results stay, also of photos that are moved or replaced', async () => {
  await put('plain/a.jpg', 'plain/b.jpg')
  const child = start(args('plain'))
  const end = ended(child)
  await expect.poll(() => results('plain')).toEqual(['a.jpg', 'b.jpg'])
  await mkdir(at('plain/day'))
  await rename(at('plain/a.jpg'), at('plain/day/a.jpg'))
  await rm(at('plain/b.jpg'))
  await expect.poll(() => results('plain')).toEqual(['a.jpg', 'b.jpg', 'day/a.jpg'])
  const before = await readFile(at('plain-out/day/a.jpg'))
  await writeFile(at('plain/day/a.jpg'), await sharp(photo).flop().jpeg().toBuffer())
  await expect.poll(async () => (await readFile(at('plain-out/day/a.jpg'))).equals(before)).toBe(false)
  child.kill('SIGTERM')
  expect((await end).code).toBe(0)
  expect(await results('plain')).toEqual(['a.jpg', 'b.jpg', 'day/a.jpg'])
})

test('with it results follow: deleted, moved and renamed photos, while it runs and while it did not', async () => {
  await put('in/a.jpg', 'in/day/b.jpg', 'in/day/c.jpg')
  for (const name of ['broken.jpg', 'worse.jpg']) await writeFile(at('in', name), 'no image')
  // From another folder: not ours to remove.
  await put('other/d.jpg')
  const options = args('in', '--mirror-deletions', '--metadata')
  expect((await obscura(['anonymize', at('other'), '--out', at('in-out'), '--face', '--profile', 'fast'])).code).toBe(0)
  await writeFile(at('in-out/mine.jpg'), 'of somebody else')

  const child = start(options)
  const end = ended(child)
  const all = ['a.jpg', 'a.json', 'd.jpg', 'day/b.jpg', 'day/b.json', 'day/c.jpg', 'day/c.json', 'mine.jpg']
  await expect.poll(() => results('in')).toEqual(all)
  await expect.poll(() => readdir(at('in-failed'))).toEqual(['broken.jpg.txt', 'worse.jpg.txt'])
  await rename(at('in/day/b.jpg'), at('in/B.jpg'))
  await rm(at('in/broken.jpg'))
  const moved = ['B.jpg', 'B.json', 'a.jpg', 'a.json', 'd.jpg', 'day/c.jpg', 'day/c.json', 'mine.jpg']
  await expect.poll(() => results('in')).toEqual(moved)
  await expect.poll(() => readdir(at('in-failed'))).toEqual(['worse.jpg.txt'])
  child.kill('SIGTERM')
  expect((await end).stderr).toMatch(/^day\/b\.jpg: removed, because its original is gone$/m)

  await rm(at('in/day'), { recursive: true })
  await rm(at('in/worse.jpg'))
  const again = start(options)
  const ending = ended(again)
  await expect.poll(() => results('in')).toEqual(['B.jpg', 'B.json', 'a.jpg', 'a.json', 'd.jpg', 'mine.jpg'])
  await expect.poll(() => readdir(at('in-failed'))).toEqual([])
  // The folder of the results is gone as well.
  await expect.poll(() => readdir(at('in-out'))).not.toContain('day')

  // An empty folder may be a mount that is away: nothing is removed.
  const kept = printed(again, 'stderr', /The watched folder has no images\. In case its mount is away, results stay/)
  await rename(at('in/a.jpg'), at('a.jpg'))
  await rename(at('in/B.jpg'), at('B.jpg'))
  await kept
  expect(await results('in')).toContain('a.jpg')
  await rename(at('B.jpg'), at('in/B.jpg'))
  await expect.poll(() => results('in')).toEqual(['B.jpg', 'B.json', 'd.jpg', 'mine.jpg'])
  again.kill('SIGTERM')
  await ending

  // What was removed is not done: it is processed when it comes back.
  await put('in/a.jpg')
  const last = start(options)
  const ended3 = ended(last)
  await expect.poll(() => results('in')).toContain('a.json')
  last.kill('SIGTERM')
  await ended3
})

test('a file in the place of a result stays, and the advice names no option that watch does not have', async () => {
  await put('taken/a.jpg')
  await mkdir(at('taken-out'))
  await writeFile(at('taken-out/a.jpg'), 'of somebody else')
  const child = start(args('taken'))
  const end = ended(child)
  await printed(child, 'stderr', /a\.jpg: failed: /)
  child.kill('SIGTERM')
  const { stderr } = await end
  expect(stderr).toMatch(/a\.jpg exists and was not made from this image; move it away, and the image is tried again/)
  expect(stderr).not.toContain('--force')
  expect(await readFile(at('taken-out/a.jpg'), 'utf8')).toBe('of somebody else')
})
