import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nameOf, onDisk } from '../file-names.js'
import { findImages } from './find.js'

let root: string
const at = (...names: string[]) => path.join(root, ...names)

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-find-'))
})

afterEach(() => rm(root, { recursive: true, force: true }))

async function make(...files: string[]): Promise<void> {
  for (const file of files) {
    await mkdir(onDisk(path.dirname(at(file))), { recursive: true })
    await writeFile(onDisk(at(file)), '')
  }
}

/** The journal that a run leaves in this folder. */
async function makeResults(folder: string, ...files: string[]): Promise<void> {
  await make(...files.map(file => path.join(folder, file)))
  await mkdir(at(folder, '.obscura'), { recursive: true })
  const sizes = Object.fromEntries(files.map(file => [file, 0]))
  await appendFile(at(folder, '.obscura/done.jsonl'), `${JSON.stringify({ image: files[0], files: sizes })}\n`)
}

const below = async (...names: string[]) => (await findImages(names)).photos.map(photo => photo.below)

test('folders are searched to any depth for photos by their names', async () => {
  await make('b.JPG', 'a.png', 'sub dir/ünï 照片.jpeg', 'sub dir/deep/d.jpg')
  expect(await below(root)).toEqual(['a.png', 'b.JPG', 'sub dir/deep/d.jpg', 'sub dir/ünï 照片.jpeg'])
})

test('other files are counted by extension, as are hidden images and folders', async () => {
  await make('a.jpg', 'x.heic', 'sub/y.HEIC', 'z.tiff', 'README', '.hidden.jpg', '._a.jpg', '.cache/c.jpg', '.DS_Store')
  const { photos, others, hidden, problems } = await findImages([root])
  expect(photos).toHaveLength(1)
  expect(Object.fromEntries(others)).toEqual({ heic: 2, tiff: 1, 'without extension': 1 })
  expect(hidden).toBe(3)
  expect(problems).toEqual([])
})

test('results of earlier runs are ignored, wherever the search starts; new images beside them are found', async () => {
  await makeResults('done', 'a.jpg', 'a.binary.png', 'sub/b.jpg')
  await makeResults('done', 'sub/c.jpg')
  await make('a.jpg', 'done/new.jpg', 'done/sub/new.jpg')
  const { photos, earlier } = await findImages([root])
  expect(photos.map(photo => photo.below)).toEqual(['a.jpg', 'done/new.jpg', 'done/sub/new.jpg'])
  expect([...earlier]).toEqual([[at('done'), 4]])
  expect(await below(at('done/sub'))).toEqual(['new.jpg'])
  expect(await below(at('done'))).toEqual(['new.jpg', 'sub/new.jpg'])
  // A file given as an argument is always used.
  expect(await below(at('done/a.jpg'))).toEqual(['a.jpg'])
})

test('a photo with the name of an earlier result, but another length, counts as a photo', async () => {
  await makeResults('done', 'a.jpg', 'b.jpg')
  await writeFile(at('done/a.jpg'), 'a new photo of that name')
  expect(await below(at('done'))).toEqual(['a.jpg'])
})

test('a file that is named itself counts whatever its name, even one that is missing, and once', async () => {
  await make('raw')
  const { photos } = await findImages([at('raw'), at('gone.jpg'), at('.', 'raw')])
  expect(photos).toEqual([
    { file: at('raw'), below: 'raw' },
    { file: at('gone.jpg'), below: 'gone.jpg' },
  ])
})

test('links are followed, and circular or dangling ones do not hang the search', async () => {
  await make('a.png', 'sub dir/d.jpg')
  await symlink(root, at('sub dir/circle'))
  await symlink(at('a.png'), at('z.png'))
  await symlink(at('nowhere'), at('dangling.jpg'))
  await symlink(at('nowhere'), at('holidays'))
  await symlink('self', at('self'))
  await symlink('nowhere', at('.#lock'))
  const { photos, problems } = await findImages([root])
  expect(photos.map(photo => photo.below)).toEqual(['a.png', 'sub dir/d.jpg', 'z.png'])
  expect(problems).toEqual([
    { file: at('dangling.jpg'), problem: 'no such file' },
    { file: at('holidays'), problem: 'no such file' },
    { file: at('self'), problem: 'too many symbolic links encountered' },
  ])
})

test('a named pipe that looks like an image is reported instead of blocking the command', async () => {
  execFileSync('mkfifo', [at('pipe.jpg'), at('pipe')])
  expect(await findImages([root])).toMatchObject({
    photos: [],
    problems: [{ file: at('pipe.jpg'), problem: expect.stringContaining('named pipe') }],
  })
})

test.each([
  ['a named pipe', (file: string) => execFileSync('mkfifo', [file])],
  ['a device without end', (file: string) => symlink('/dev/zero', file)],
  ['a file longer than any journal', (file: string) => execFileSync('truncate', ['-s', '2G', file])],
])('the search goes on where %s is in the place of a journal', async (_, make) => {
  await mkdir(at('in/.obscura'), { recursive: true })
  await writeFile(at('in/a.jpg'), '')
  await make(at('in/.obscura/done.jsonl'))
  expect(await below(at('in'))).toEqual(['a.jpg'])
})

test.skipIf(process.platform !== 'linux')('files with names that are not UTF-8 are found and can be opened', async () => {
  const name = nameOf(Buffer.from('M\xfcnchen', 'latin1'))
  await make(`${name}/caf\udce9.jpg`, `${name}/ok.jpg`)
  const { photos, problems } = await findImages([root])
  expect(photos.map(photo => photo.below)).toEqual([`${name}/caf\udce9.jpg`, `${name}/ok.jpg`])
  expect(problems).toEqual([])
  expect(await below(at(name))).toEqual(['caf\udce9.jpg', 'ok.jpg'])
})

test('paths longer than the system allows are reported', async () => {
  const step = 'd'.repeat(200)
  const script = `for (let i = 0; i < 25; i++) { fs.mkdirSync('${step}'); process.chdir('${step}') }; fs.writeFileSync('deep.jpg', '')`
  execFileSync(process.execPath, ['-e', script], { cwd: root })
  try {
    const { photos, problems } = await findImages([root])
    expect(photos).toEqual([])
    expect(problems).toEqual([{ file: expect.stringContaining(step), problem: expect.stringContaining('longer than') }])
  } finally {
    execFileSync('rm', ['-rf', at(step)])
  }
})
