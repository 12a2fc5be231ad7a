/** The hot folder: photos that arrive, change, fail, and what a kill leaves behind. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { missing } from '@obscura/test-servers/requirement'
import { mountSmallDisk } from '@obscura/test-servers/small-disk'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ended, FIXTURES, obscura, printed, REPOSITORY, start } from './command.js'

let root: string
let photo: Buffer
const at = (...names: string[]) => path.join(root, ...names)
const args = (name: string, ...more: string[]) => [
  ...['watch', at(name), '--out', at(`${name}-out`), '--failed', at(`${name}-failed`)],
  ...['--settle', '1', '--interval', '0.2', '--face', '--profile', 'fast', '--jobs', '1', ...more],
]
const results = async (name: string) =>
  (await readdir(at(`${name}-out`), { recursive: true })).filter(file => /^[^.].*\.jpg$/.test(file)).sort()
const journal = async (name: string) =>
  (await readFile(at(`${name}-out/.obscura/done.jsonl`), 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).image)
    .sort()

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-watch-'))
  photo = await sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(800).jpeg().toBuffer()
})

afterAll(() => rm(root, { recursive: true, force: true }))

test('photos are taken when they are complete and again when replaced; SIGTERM ends with 0', async () => {
  await mkdir(at('in/day 1'), { recursive: true })
  const child = start(args('in', '--settle', '2'))
  const end = ended(child)
  await printed(child, 'stderr', /Watching/)
  await writeFile(at('in/day 1/a.jpg'), photo)
  await writeFile(at('in/empty.jpg'), '')
  // Half of a photo that goes on growing is not taken.
  for (let part = 1; part <= 50; part++) {
    await writeFile(at('in/slow.jpg'), photo.subarray(0, Math.floor((photo.length * part) / 50)))
    await sleep(50)
  }
  await expect.poll(() => results('in')).toEqual(['day 1/a.jpg', 'slow.jpg'])
  await expect.poll(() => readFile(at('in-failed/empty.jpg.txt'), 'utf8')).toMatch(/\w/)
  expect(await journal('in')).toEqual(['day 1/a.jpg', 'slow.jpg'])
  expect(await readdir(at('in-failed'))).toEqual(['empty.jpg.txt'])
  expect((await readFile(at('in-out/day 1/a.jpg'))).equals(photo)).toBe(false)

  const second = await obscura(args('in'))
  expect(second).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Another command \(process \d+\) is writing there\. Wait/),
  })

  // The folder goes away like a mount, and comes back with a photo that has been mended.
  const missed = printed(child, 'stderr', /in is missing\. Waiting until it is back\./)
  await rename(at('in'), at('away'))
  await writeFile(at('away/empty.jpg'), photo)
  await missed
  expect(await results('in')).toEqual(['day 1/a.jpg', 'slow.jpg'])
  await rename(at('away'), at('in'))
  await expect.poll(() => results('in')).toContain('empty.jpg')
  await expect.poll(() => readdir(at('in-failed'))).toEqual([])

  child.kill('SIGTERM')
  const { code, stderr } = await end
  expect(code).toBe(0)
  expect(stderr).toContain('Stopped. 3 anonymized, 1 failed since the start.')
  expect(await journal('in')).toEqual(['day 1/a.jpg', 'empty.jpg', 'slow.jpg'])
})

test('after kill -9 every photo is there, whole, and none that was finished is done twice', async () => {
  await mkdir(at('chaos'))
  const names = ['0.jpg', '1.jpg', '2.jpg', '3.jpg', '4.jpg']
  for (const name of names) await writeFile(at('chaos', name), photo)
  for (let kills = 0; kills < 2; kills++) {
    const child = start(args('chaos'))
    const end = once(child, 'close')
    await printed(child, 'stderr', /anonymized in/)
    child.kill('SIGKILL')
    await end
  }
  const child = start(args('chaos'))
  const end = ended(child)
  await expect.poll(() => results('chaos')).toEqual(names)
  child.kill('SIGTERM')
  expect((await end).code).toBe(0)
  for (const name of names) await sharp(at('chaos-out', name), { failOn: 'warning' }).raw().toBuffer()
  // Nothing that a killed process left behind stays.
  expect(await readdir(at('chaos-out/.obscura'))).toEqual(['done.jsonl'])
  // At most the photo that was being placed at each kill is listed twice.
  const listed = await journal('chaos')
  expect(new Set(listed)).toEqual(new Set(names))
  expect(listed.length).toBeLessThanOrEqual(names.length + 2)
})

test('SIGTERM finishes the photo in progress and starts no other', async () => {
  await mkdir(at('stop'))
  for (let i = 0; i < 40; i++) await writeFile(at('stop', `${i}.jpg`), photo)
  const child = start(args('stop'))
  const end = ended(child)
  await printed(child, 'stderr', /anonymized in/)
  child.kill('SIGTERM')
  const { code, stderr } = await end
  expect(code).toBe(0)
  expect(stderr).not.toContain('failed:')
  const done = await results('stop')
  expect(done.length).toBeLessThan(40)
  expect(stderr).toContain(`Stopped. ${done.length} anonymized, 0 failed`)
})

const disk = mountSmallDisk(1)
afterAll(() => disk?.remove())

test.skipIf(!disk)('a full disk makes it wait, with nothing partly written and no photo counted as failed', async () => {
  const out = path.join(disk!.folder, 'out')
  await writeFile(path.join(disk!.folder, 'ballast'), Buffer.alloc(950_000))
  await mkdir(at('full'))
  await writeFile(at('full/a.jpg'), await sharp(photo).resize(3000).jpeg({ quality: 100 }).toBuffer())
  const child = start([...args('full'), '--out', out])
  const end = ended(child)
  await printed(child, 'stderr', /Nothing can be written to .*out\. Trying again in 30 s/)
  child.kill('SIGTERM')
  expect(await end).toMatchObject({ code: 0, stderr: expect.stringContaining('Stopped. 0 anonymized, 0 failed') })
  expect(await readdir(out)).toEqual(['.obscura'])
  expect((await readdir(root)).includes('full-failed')).toBe(false)
})

test('folders inside each other and folders that do not exist are refused', async () => {
  await mkdir(at('one/two'), { recursive: true })
  for (const [folder, out] of [
    ['one', 'one/new/out'],
    ['one/two', 'one'],
    ['one', 'one'],
  ]) {
    const { code, stderr } = await obscura(['watch', at(folder), '--out', at(out)])
    expect(stderr).toContain('lie one inside the other. Choose another folder with --out.')
    expect(code).toBe(1)
  }
  expect((await obscura(['watch', at('none'), '--out', at('out')])).stderr).toContain(
    'is not a folder. Create it or mount it first.',
  )
  expect(await readdir(at('one'))).toEqual(['two'])
})

test.skipIf(missing('systemd-analyze'))('the systemd unit is valid', async () => {
  // Under another name, so that a unit of this machine is not meant.
  const unit = at('obscura-watch-example.service')
  await copyFile(path.join(REPOSITORY, 'deploy/systemd/obscura-watch.service'), unit)
  expect(execFileSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8', stdio: 'pipe' })).toBe('')
})
