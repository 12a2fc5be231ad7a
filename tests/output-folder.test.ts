/** Output folders that are full, read-only, or lie where the photos are. */
import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mountSmallDisk } from '@obscura/test-servers/small-disk'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FIXTURES, obscura } from './command.js'

let root: string
const at = (...names: string[]) => path.join(root, ...names)
const QUICK = ['--face', '--profile', 'fast', '--jobs', '1']
const anonymize = (...args: string[]) => obscura(['anonymize', ...args, ...QUICK], { cwd: root })

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-output-'))
  await mkdir(at('photos'))
  const portrait = sharp(path.join(FIXTURES, 'group-portrait.jpg'))
  for (const name of ['1.jpg', '2.jpg', '3.jpg'])
    await portrait.clone().resize(1600).jpeg({ quality: 95 }).toFile(at('photos', name))
})

afterAll(() => rm(root, { recursive: true, force: true }))

const disk = mountSmallDisk(1)
afterAll(() => disk?.remove())

test.skipIf(!disk)('a full disk ends the run, with whole files only; on a read-only one nothing is begun', async () => {
  const { folder } = disk!
  // Each result takes some 400 kB.
  await writeFile(path.join(folder, 'ballast'), Buffer.alloc(300_000))
  const full = await anonymize('photos', '--out', path.join(folder, 'out'))
  expect(full.stderr).toMatch(/failed: photos\/\d\.jpg: no space left on device\n1 anonymized into .*, 1 failed, 1 not started/)
  expect(full.code).toBe(1)
  // Several are in progress at once: any of them may be the one that fits.
  expect((await readdir(path.join(folder, 'out'))).sort()).toEqual(['.obscura', expect.stringMatching(/^\d\.jpg$/)])
  expect(await readdir(path.join(folder, 'out/.obscura'))).toEqual(['done.jsonl'])

  execFileSync('mount', ['-o', 'remount,ro', folder])
  for (const out of ['out', 'new/out']) {
    expect(await anonymize('photos', '--out', path.join(folder, out))).toMatchObject({
      code: 1,
      stderr: `obscura: Cannot write to ${path.join(folder, out)}: read-only file system. Choose another folder with --out.\n`,
    })
  }
})

test('results below the inputs are recognised by their journal, also by later commands', async () => {
  await mkdir(at('mixed/done'), { recursive: true })
  await cp(at('photos/1.jpg'), at('mixed/1.jpg'))
  await cp(at('photos/2.jpg'), at('mixed/done/late.jpg'))
  for (const name of ['a.heic', 'b.HEIC', 'c.dng']) await writeFile(at('mixed', name), '')
  const first = await anonymize('mixed', '--out', 'mixed/done')
  expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('2 anonymized into mixed/done') })
  expect(first.stderr).toContain('3 files of other types ignored: 2 heic, 1 dng\n')
  const second = await anonymize('mixed', '--out', 'elsewhere')
  expect(second.stderr).toContain('2 results of earlier runs ignored in mixed/done\n')
  expect(second.stderr).toContain('2 anonymized into elsewhere')
  expect((await readdir(at('elsewhere'), { recursive: true })).sort()).toEqual([
    '.obscura',
    '.obscura/done.jsonl',
    '1.jpg',
    'done',
    'done/late.jpg',
  ])
  expect(await anonymize('elsewhere', '--out', 'third')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'obscura: No JPEG or PNG images in elsewhere.\n2 results of earlier runs ignored in elsewhere\n',
  })
})

test('a folder that is named twice, and its photos once more, are done once', async () => {
  const { code, stderr } = await anonymize('photos', './photos', 'photos/1.jpg', '--out', 'once')
  expect(stderr).toContain('3 anonymized into once.')
  expect(code).toBe(0)
})

test('devices and pipes given as arguments are refused', async () => {
  execFileSync('mkfifo', [at('pipe')])
  const { code, stderr } = await anonymize('pipe', '/dev/zero', '--out', 'none')
  expect(stderr).toContain('failed: pipe: it is a named pipe, socket or device, not a file\n')
  expect(stderr).toContain('failed: /dev/zero: it is a named pipe')
  expect(code).toBe(1)
})
