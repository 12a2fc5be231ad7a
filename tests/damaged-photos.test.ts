import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FIXTURES, obscura } from './command.js'

let root: string
let photos: string
let out: string

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-damaged-'))
  photos = path.join(root, 'photos')
  out = path.join(root, 'out')
  await mkdir(photos)
  const street = await sharp(path.join(FIXTURES, 'street-taxis.jpg')).resize(320).jpeg().toBuffer()
  await writeFile(path.join(photos, 'cut.jpg'), street.subarray(0, Math.floor(street.length * 0.8)))
  await writeFile(path.join(photos, 'whole.jpg'), street)
})

afterAll(() => rm(root, { recursive: true, force: true }))

const missing = /The image data is damaged or truncated: \d+ % of the image is missing and was left gray\./

test('a truncated photo is processed with a warning, which names it and is counted', async () => {
  const { code, stderr } = await obscura(['anonymize', photos, '--out', out, '--face', '--profile', 'fast'])
  expect(code).toBe(0)
  expect(stderr).toMatch(new RegExp(`warning: .*cut\\.jpg: ${missing.source}\n`))
  expect(stderr).toMatch(/2 anonymized into .* \(1 with a warning\)\./)
  expect((await readFile(path.join(out, 'cut.jpg'))).length).toBeGreaterThan(1000)
})

test('detect reports it as well', async () => {
  const { code, stdout } = await obscura(['detect', photos, '--face', '--profile', 'fast'])
  expect(code).toBe(0)
  const found = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const [cut, whole] = found.toSorted((a, b) => a.file.localeCompare(b.file))
  expect(cut.warnings).toEqual([expect.stringMatching(missing)])
  expect(whole).not.toHaveProperty('warnings')
})

test('with --strict it fails alone', async () => {
  const { code, stderr } = await obscura(['anonymize', photos, '--out', out, '--face', '--profile', 'fast', '--strict'])
  expect(code).toBe(1)
  expect(stderr).toMatch(new RegExp(`failed: .*cut\\.jpg: IMAGE_DEFECT: ${missing.source}.*--strict`))
  expect(stderr).toMatch(/1 anonymized into .*, 1 failed\./)
})
