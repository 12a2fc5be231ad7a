/** Unusual and hostile names of files and folders. */
import { execFileSync } from 'node:child_process'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FIXTURES, obscura, shell } from './command.js'

let root: string
let photo: string
const at = (...names: string[]) => path.join(root, ...names)
const QUICK = ['--face', '--profile', 'fast', '--jobs', '1']

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-names-'))
  photo = at('small.jpg')
  await sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(320).jpeg().toFile(photo)
})

afterAll(() => rm(root, { recursive: true, force: true }))

/** Control characters but the line's end. */
const UNSAFE = /(?!\n)\p{Cc}/u
const latin1 = (text: string) => Buffer.from(text, 'latin1')

test.skipIf(process.platform !== 'linux')(
  'a photo that the disk fails to read is listed as failed, the others are done',
  async () => {
    await mkdir(at('failing'))
    await cp(photo, at('failing/ok.jpg'))
    // Its first page is never mapped: a real EIO.
    await symlink('/proc/self/mem', at('failing/bad.jpg'))
    const { code, stderr } = await obscura(['anonymize', 'failing', '--out', 'failing-out', ...QUICK], { cwd: root })
    expect(stderr).toContain('failed: failing/bad.jpg: i/o error\n')
    expect(stderr).toContain('1 anonymized into failing-out, 1 failed')
    expect(code).toBe(1)
  },
)

test.skipIf(process.platform !== 'linux')(
  'photos in folders whose names are not UTF-8 are done, under the same bytes',
  async () => {
    const folder = latin1(at('photos/M\xfcnchen'))
    await mkdir(folder, { recursive: true })
    await cp(photo, at('photos/ok.jpg'))
    execFileSync('sh', ['-c', `cp small.jpg "photos/$(printf 'caf\\351.jpg')" && cd photos/M* && cp ../ok.jpg b.jpg`], {
      cwd: root,
    })
    const args = ['anonymize', 'photos', '--out', 'out', ...QUICK, '--metadata']
    const { code, stderr } = await obscura(args, { cwd: root })
    expect(stderr).toContain('3 anonymized into out')
    expect(stderr).toContain('photos/M\\xfcnchen/b.jpg')
    expect(code).toBe(0)
    const names = (await readdir(at('out'), { encoding: 'buffer' })).map(name => name.toString('latin1'))
    expect(names.sort()).toEqual(['.obscura', 'M\xfcnchen', 'caf\xe9.jpg', 'caf\xe9.json', 'ok.jpg', 'ok.json'])
    expect((await readdir(latin1(at('out/M\xfcnchen')))).sort()).toEqual(['b.jpg', 'b.json'])
    expect((await obscura(args, { cwd: root })).stderr).toContain('0 anonymized into out, 3 skipped')
  },
)

test.skipIf(process.platform !== 'linux')('such a file and such an output folder can be named', async () => {
  await shell(`cp small.jpg "$(printf 'na\\357ve.jpg')"`, root)
  const detected = await shell(`"$NODE" "$OBSCURA" detect "$(printf 'na\\357ve.jpg')" ${QUICK.join(' ')}`, root)
  expect(detected).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(detected.stdout)).toMatchObject({ file: 'na\udcefve.jpg', width: 320 })
  const done = await shell(
    `"$NODE" "$OBSCURA" anonymize "$(printf 'na\\357ve.jpg')" --out "$(printf '\\374ber')" ${QUICK.join(' ')}`,
    root,
  )
  expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('1 anonymized into \\xfcber') })
  expect(await readdir(latin1(at('\xfcber')), { encoding: 'buffer' })).toContainEqual(latin1('na\xefve.jpg'))
})

test('a name can neither look like output of the command nor move the cursor', async () => {
  const name = 'x\n{"file":"other.jpg","detections":[]}\r\x1b[2K\x9b2K.jpg'
  await mkdir(at('spoof'))
  await writeFile(at('spoof', name), 'no photo')
  const detected = await obscura(['detect', at('spoof'), ...QUICK])
  expect(detected.stdout.split('\n')).toHaveLength(2)
  expect(JSON.parse(detected.stdout)).toMatchObject({ file: at('spoof', name), error: expect.stringContaining('CONTENT_TYPE') })
  expect(detected.stdout).not.toMatch(UNSAFE)
  const { code, stderr } = await obscura(['anonymize', at('spoof'), '--out', at('spoofed'), ...QUICK])
  expect(code).toBe(1)
  expect(stderr.trim().split('\n')).toHaveLength(3)
  expect(stderr).not.toMatch(UNSAFE)
})

test('names that begin with a dash follow two dashes', async () => {
  await cp(photo, at('-face.jpg'))
  const { code, stderr } = await obscura(['anonymize', ...QUICK, '--out', 'dash', '--', '-face.jpg'], { cwd: root })
  expect(stderr).toContain('1 anonymized')
  expect(code).toBe(0)
  expect(await obscura(['anonymize', '-face.jpg', '--out', 'dash'], { cwd: root })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('./-face.jpg'),
  })
})

/** Root may enter everything, so another user runs the command. */
const isRoot = process.getuid?.() === 0
test.skipIf(!isRoot)('folders and files that may not be read are listed as failed, and the rest is done', async () => {
  const NOBODY = 65534
  const closed = at('closed')
  await mkdir(path.join(closed, 'locked/inner'), { recursive: true })
  await mkdir(path.join(closed, 'listed'))
  for (const name of ['a.jpg', 'unreadable.jpg', 'locked/b.jpg', 'listed/c.jpg']) await cp(photo, path.join(closed, name))
  await chmod(path.join(closed, 'locked'), 0o000)
  // Its names may be read, but nothing in it may be opened.
  await chmod(path.join(closed, 'listed'), 0o744)
  await chmod(path.join(closed, 'unreadable.jpg'), 0o600)
  await chmod(root, 0o755)
  await mkdir(at('readable'))
  await chown(at('readable'), NOBODY, NOBODY)
  const { code, stderr } = await shell(
    `exec setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups "$NODE" "$OBSCURA" anonymize closed --out readable ${QUICK.join(' ')}`,
    root,
  )
  for (const name of ['closed/locked', 'closed/listed/c.jpg', 'closed/unreadable.jpg'])
    expect(stderr).toContain(`failed: ${name}: permission denied`)
  expect(stderr).toContain('1 anonymized into readable, 3 failed')
  expect(code).toBe(1)
  const refused = await shell(
    `exec setpriv --reuid ${NOBODY} --clear-groups "$NODE" "$OBSCURA" anonymize small.jpg --out forbidden`,
    root,
  )
  expect(refused).toMatchObject({
    code: 1,
    stderr: 'obscura: Cannot write to forbidden: permission denied. Choose another folder with --out.\n',
  })
})
