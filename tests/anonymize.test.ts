import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp, { type Region } from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ended, FIXTURES, obscura, printed, REPOSITORY, start } from './command.js'

let root: string
let photos: string
const at = (...names: string[]) => path.join(root, ...names)

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-anonymize-'))
  photos = at('my photos')
  await mkdir(path.join(photos, 'sub dir/ünï'), { recursive: true })
  const small = sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(640)
  await small.clone().jpeg().toFile(path.join(photos, 'group.jpg'))
  await small.clone().png().toFile(path.join(photos, 'group.png'))
  await cp(path.join(photos, 'group.jpg'), path.join(photos, 'sub dir/ünï/照片 №1.JPG'))
  await writeFile(path.join(photos, 'empty.jpg'), '')
  await writeFile(path.join(photos, 'text.jpg'), 'no image at all')
  await writeFile(path.join(photos, 'notes.txt'), 'ignored')
})

afterAll(() => rm(root, { recursive: true, force: true }))

/** Largest difference between two images over a part of both, 0..255. */
async function difference(a: string, b: string, region: Region): Promise<number> {
  const [one, other] = await Promise.all([a, b].map(file => sharp(file).removeAlpha().extract(region).raw().toBuffer()))
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0)
}

async function allFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
}

test('--version says which release it is', async () => {
  const { version } = JSON.parse(await readFile(path.join(REPOSITORY, 'package.json'), 'utf8'))
  expect(await obscura(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test('a folder: good photos are anonymized with all that was asked for, bad ones fail alone, and a second run does nothing again', async () => {
  const args = [
    'anonymize',
    photos,
    '--out',
    at('out'),
    '--face',
    '--metadata',
    '--binary-segmentation-mask',
    '--instance-segmentation-mask',
  ]
  const first = await obscura(args)
  expect(first.stderr).toMatch(/failed: .*empty\.jpg: .*\n/)
  expect(first.stderr).toMatch(/failed: .*text\.jpg: .*\n/)
  expect(first.stderr).toContain('3 anonymized')
  expect(first.stderr).toContain('2 failed')
  expect(first.code).toBe(1)
  const named = (name: string) => [`${name}.binary.png`, `${name}.instance.png`, `${name}.json`]
  expect(await allFiles(at('out'))).toEqual(
    [
      '.obscura/done.jsonl',
      'group.jpg',
      ...named('group.jpg'),
      'group.png',
      ...named('group.png'),
      'sub dir/ünï/照片 №1.JPG',
      ...named('sub dir/ünï/照片 №1'),
    ].sort(),
  )

  const { detections } = JSON.parse(await readFile(at('out/group.png.json'), 'utf8'))
  expect(detections.length).toBeGreaterThanOrEqual(5)
  expect(detections[0]).toMatchObject({ type_label: 'face', type: 103, is_anonymised: true, id: 0 })
  const { width, height, format } = await sharp(at('out/group.png')).metadata()
  expect({ width, height, format }).toMatchObject({ width: 640, format: 'png' })
  const mask = await sharp(at('out/group.png.binary.png')).metadata()
  expect([mask.width, mask.height]).toEqual([width, height])
  const [x1, y1, x2, y2] = detections[0].bbox.map(Math.round)
  const face = { left: x1, top: y1, width: x2 - x1, height: y2 - y1 }
  expect(await difference(at('out/group.png'), path.join(photos, 'group.png'), face)).toBeGreaterThan(30)
  expect(await difference(at('out/group.png'), path.join(photos, 'group.png'), { left: 0, top: 0, width: 100, height: 50 })).toBe(
    0,
  )

  const before = await stat(at('out/group.jpg'))
  const second = await obscura(args)
  expect(second.stderr).toContain('3 skipped')
  expect(second.code).toBe(1)
  expect((await stat(at('out/group.jpg'))).mtimeMs).toBe(before.mtimeMs)
})

test.each(['SIGINT', 'SIGKILL'] as const)(
  '%s in the middle leaves only complete files, and the same command continues',
  async signal => {
    const many = at(`many-${signal}`)
    const out = at(`out-${signal}`)
    await mkdir(many)
    for (let i = 0; i < 6; i++) await cp(path.join(photos, 'group.jpg'), path.join(many, `${i}.jpg`))
    const args = ['anonymize', many, '--out', out, '--face', '--jobs', '1', '--profile', 'fast']
    const child = start(args)
    const end = signal === 'SIGINT' ? ended(child) : once(child, 'close')
    await printed(child, 'stderr', /\[2\/6\]/)
    child.kill(signal)
    const result = await end
    if (signal === 'SIGINT')
      expect(result).toMatchObject({ code: 130, stderr: expect.stringContaining('run the same command again to continue') })
    const done = (await readdir(out)).filter(name => name.endsWith('.jpg'))
    expect(done.length).toBeGreaterThanOrEqual(2)
    expect(done.length).toBeLessThan(6)
    for (const name of done) expect((await sharp(path.join(out, name)).stats()).channels).toHaveLength(3)

    const again = await obscura(args)
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(new RegExp(`${6 - done.length} anonymized .* ${done.length} skipped`)),
    })
    expect(await allFiles(out)).toEqual(['.obscura/done.jsonl', ...Array.from({ length: 6 }, (_, i) => `${i}.jpg`)])
  },
)

test('results below the input folder are not used as inputs, and an input is never overwritten', async () => {
  const folder = at('inside')
  await mkdir(folder)
  await cp(path.join(photos, 'group.jpg'), path.join(folder, 'a.jpg'))
  const original = await readFile(path.join(folder, 'a.jpg'))
  const refused = await obscura(['anonymize', folder, '--out', folder, '--face'])
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Inputs are never overwritten') })
  expect(await allFiles(folder)).toEqual(['a.jpg'])
  const args = ['anonymize', folder, '--out', path.join(folder, 'done'), '--face', '--profile', 'fast']
  expect((await obscura(args)).stderr).toContain('1 anonymized')
  expect((await obscura(args)).stderr).toContain('0 anonymized')
  expect(await readFile(path.join(folder, 'a.jpg'))).toEqual(original)
  expect(await allFiles(folder)).toEqual(['a.jpg', 'done/.obscura/done.jsonl', 'done/a.jpg'])
})

test('--lossless keeps the rest of a JPEG unchanged, and names files that it had to re-encode', async () => {
  const folder = at('lossless')
  await mkdir(folder)
  await cp(path.join(photos, 'group.jpg'), path.join(folder, 'a.jpg'))
  await sharp(path.join(photos, 'group.jpg')).withMetadata({ orientation: 3 }).toFile(path.join(folder, 'b.jpg'))
  const args = ['anonymize', folder, '--out', at('kept'), '--face', '--profile', 'fast', '--lossless', '--metadata']
  const { code, stderr } = await obscura(args)
  expect(code).toBe(0)
  expect(stderr).toMatch(/not lossless, fully re-encoded: .*b\.jpg: it has to be rotated upright\n2 anonymized/)
  const { detections } = JSON.parse(await readFile(at('kept/a.json'), 'utf8'))
  const [x1, y1, x2, y2] = detections[0].bbox.map(Math.round)
  const face = { left: x1, top: y1, width: x2 - x1, height: y2 - y1 }
  expect(await difference(at('kept/a.jpg'), path.join(folder, 'a.jpg'), face)).toBeGreaterThan(30)
  const corner = { left: 0, top: 0, width: 100, height: 50 }
  expect(await difference(at('kept/a.jpg'), path.join(folder, 'a.jpg'), corner)).toBe(0)
})

test('detect prints one JSON object a photo', async () => {
  const { code, stdout } = await obscura(['detect', 'group.jpg', 'text.jpg', '--face', '--profile', 'fast'], { cwd: photos })
  expect(code).toBe(1)
  const lines = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const [group, text] = lines.sort((a, b) => (a.file < b.file ? -1 : 1))
  expect(group).toMatchObject({ file: 'group.jpg', width: 640 })
  expect(group.detections[0]).toMatchObject({ type_label: 'face', is_anonymised: false })
  expect(text).toEqual({ file: 'text.jpg', error: expect.stringMatching(/^(IMAGE_DEFECT|CONTENT_TYPE_ERROR): /) })
})

test('wrong usage is answered with advice', async () => {
  expect(await obscura(['anonymize', photos])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("required option '--out <folder>'"),
  })
  expect(await obscura(['anonymise', 'x'])).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean anonymize?') })
  expect(await obscura(['detect', at('nothing-here')])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('no such file'),
  })
  await mkdir(at('bare'))
  expect(await obscura(['anonymize', at('bare'), '--out', at('none')])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No JPEG or PNG images'),
  })
})
