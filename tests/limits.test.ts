/**
 * What the command does when something is short: limits of an image, memory, its output, its time.
 */
import { cp, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ended, FIXTURES, obscura, printed, shell, start } from './command.js'

let root: string
const at = (...names: string[]) => path.join(root, ...names)
const QUICK = ['--face', '--profile', 'fast', '--jobs', '1']

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-limits-'))
  const portrait = sharp(path.join(FIXTURES, 'group-portrait.jpg'))
  await portrait.clone().resize(320).jpeg().toFile(at('small.jpg'))
  await portrait.clone().resize(4000).jpeg().toFile(at('large.jpg'))
})

afterAll(() => rm(root, { recursive: true, force: true }))

test.each([
  ['--max-megapixels', '1', 'IMAGE_DEFECT'],
  ['--max-seconds', '1', 'INTERNAL_ERROR'],
  ...(process.platform === 'linux' ? [['--max-memory', '256', 'INTERNAL_ERROR']] : []),
])('an image beyond %s %s fails with %s, and the error names the flag', async (flag, value, code) => {
  const { code: exit, stdout } = await obscura(['detect', 'large.jpg', '--jobs', '1', flag, value], { cwd: root })
  expect(JSON.parse(stdout).error).toMatch(new RegExp(`^${code}: .* ${flag} allows more\\.$`))
  expect(exit).toBe(1)
})

test.each([
  ['--max-megapixels', '0', 'It must be a whole number from 1 to 2000.'],
  ['--max-seconds', '1.5', 'It must be a whole number from 1 to 86400.'],
  ['--min-free-memory', 'lots', 'It must be a whole number from 0 to 1000000000.'],
])('%s %s is refused with its range', async (flag, value, sentence) => {
  expect(await obscura(['detect', 'small.jpg', flag, value], { cwd: root })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(sentence),
  })
})

test('a file that is too large is not read, and the error names the flag', async () => {
  await writeFile(at('film.jpg'), '')
  await truncate(at('film.jpg'), 1.9e9)
  const { code, stdout } = await obscura(['detect', 'film.jpg'], { cwd: root })
  expect(JSON.parse(stdout)).toEqual({ file: 'film.jpg', error: 'the file is 1900 MB in size. --max-file allows more.' })
  expect(code).toBe(1)
})

test.runIf(process.platform === 'linux')('while memory is short no image is begun, and the command says so', async () => {
  const child = start(['anonymize', 'small.jpg', '--out', 'short', ...QUICK, '--min-free-memory', '100000000'], { cwd: root })
  const end = ended(child)
  await printed(child, 'stderr', /waiting for memory: \d+ MB are free; --min-free-memory asks for 100000000 MB\n/)
  child.kill('SIGINT')
  expect(await end).toMatchObject({ code: 130, stderr: expect.stringContaining('0 anonymized into short, 1 not started') })
  expect(await readdir(at('short'))).toEqual(['.obscura'])
})

test.runIf(process.platform === 'linux').each([
  ['detect', `detect small.jpg ${QUICK.join(' ')}`],
  ['--help', '--help'],
  ['anonymize --help', 'anonymize --help'],
  ['--version', '--version'],
])('%s to a full disk ends with one sentence', async (_, line) => {
  expect(await shell(`"$NODE" "$OBSCURA" ${line} > /dev/full`, root)).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'obscura: Cannot write to standard output: no space left on device. Redirect it or free some space, then run the command again.\n',
  })
})

test.runIf(process.platform === 'linux')('work goes on where only its messages cannot be written', async () => {
  expect((await shell(`"$NODE" "$OBSCURA" anonymize small.jpg --out quiet ${QUICK.join(' ')} 2> /dev/full`, root)).code).toBe(0)
  expect(await readdir(at('quiet'))).toContain('small.jpg')
})

test('a reader that closes the pipe ends the command silently, like SIGPIPE', async () => {
  for (const line of [`detect small.jpg ${QUICK.join(' ')}`, '--help']) {
    const child = start(line.split(' '), { cwd: root })
    child.stdout?.destroy()
    expect(await ended(child)).toEqual({ code: 141, stdout: '', stderr: '' })
  }
})

test('a name that is too long for its mask fails before the work, and nothing of the photo is written', async () => {
  const name = `${'n'.repeat(246)}.jpg`
  await mkdir(at('long'))
  await cp(at('small.jpg'), at('long', name))
  await cp(at('small.jpg'), at('long/ok.jpg'))
  const args = ['anonymize', 'long', '--out', 'long-out', ...QUICK, '--metadata', '--binary-segmentation-mask']
  const { code, stderr } = await obscura(args, { cwd: root })
  expect(stderr).toContain(`failed: long/${name}: its name or path, or that of a result, is longer than the file system allows`)
  expect(stderr).toContain('1 anonymized into long-out, 1 failed')
  expect(code).toBe(1)
  expect((await readdir(at('long-out'))).sort()).toEqual(['.obscura', 'ok.binary.png', 'ok.jpg', 'ok.json'])
})

test('a second interrupt ends the command immediately, without errors from its children', async () => {
  const child = start(['detect', 'small.jpg', 'large.jpg', '--jobs', '1'], { cwd: root })
  const end = ended(child)
  // From here on a child is at work on the large one.
  await printed(child, 'stdout', /small\.jpg.*\n/)
  child.kill('SIGINT')
  child.kill('SIGTERM')
  expect(await end).toMatchObject({ code: 130, stdout: expect.not.stringContaining('large.jpg'), stderr: '' })
})

test('two commands at once into one folder: every result is whole, and nothing is left of either', async () => {
  await rm(at('both'), { recursive: true, force: true })
  await mkdir(at('twice'), { recursive: true })
  for (let i = 0; i < 4; i++) await cp(at('small.jpg'), at('twice', `${i}.jpg`))
  const args = ['anonymize', 'twice', '--out', 'both', ...QUICK, '--metadata']
  const both = await Promise.all([obscura(args, { cwd: root }), obscura(args, { cwd: root })])
  expect(both).toMatchObject([{ code: 0 }, { code: 0 }])
  expect((await readdir(at('both/.obscura'))).sort()).toEqual(['done.jsonl'])
  expect(await readdir(at('both'))).toHaveLength(9)
  expect((await obscura(args, { cwd: root })).stderr).toContain('0 anonymized into both, 4 skipped')
})

test('photos that vanish while the command runs fail alone', async () => {
  await mkdir(at('vanishing'))
  for (let i = 0; i < 4; i++) await cp(at('small.jpg'), at('vanishing', `${i}.jpg`))
  const child = start(['anonymize', 'vanishing', '--out', 'vanished', ...QUICK], { cwd: root })
  const end = ended(child)
  await printed(child, 'stderr', /\[1\/4\]/)
  await rm(at('vanishing/3.jpg'))
  expect(await end).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('failed: vanishing/3.jpg: no such file\n3 anonymized'),
  })
})
