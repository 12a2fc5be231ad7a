import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findImages } from '../images/find.js'
import { filesOf, planItems, protectInputs, type Sidecar } from './plan.js'

const ALL: Sidecar[] = ['metadata', 'binaryMask', 'instanceMask']
const found = (...names: string[]) => names.map(below => ({ file: `/in/${below}`, below }))

let root: string

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-plan-'))
})

afterEach(() => rm(root, { recursive: true, force: true }))

test('b.jpg gives b.jpg, b.json, b.binary.png and b.instance.png, the image last', async () => {
  const [item] = await planItems(found('x/b.jpg'), ALL)
  expect(filesOf(item)).toEqual(['x/b.json', 'x/b.binary.png', 'x/b.instance.png', 'x/b.jpg'])
})

test('sidecars carry the whole name where two images would share them', async () => {
  const items = await planItems(found('a.jpg', 'a.png', 'b.jpg'), ['metadata'])
  expect(items.map(item => item.sidecars.metadata)).toEqual(['a.jpg.json', 'a.png.json', 'b.json'])
  const clash = await planItems(found('a.png', 'a.binary.png', 'a.png.binary.png'), ['binaryMask'])
  expect(clash[0].sidecars.binaryMask).toBe('a.png_.binary.png')
  const masks = await planItems(found('b.jpg', 'b.binary.png'), ['binaryMask'])
  expect(masks.map(item => item.sidecars.binaryMask)).toEqual(['b.jpg.binary.png', 'b.binary.binary.png'])
})

test('no two files of a plan are ever the same', async () => {
  const name = fc.array(fc.constantFrom('a', 'b', '.jpg', '.png', '.json', '.binary', '.instance'), {
    minLength: 1,
    maxLength: 5,
  })
  const names = fc.uniqueArray(
    name.map(parts => `${parts.join('')}.png`),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(names, fc.subarray(ALL), async (images, wanted) => {
      const files = (await planItems(found(...images), wanted)).flatMap(filesOf)
      expect(new Set(files).size).toBe(files.length)
    }),
  )
})

test('two photos that would become one file are refused; one photo named twice is one', async () => {
  await expect(planItems([...found('a.jpg'), { file: '/other/a.jpg', below: 'a.jpg' }], [])).rejects.toThrow(
    'would both be written to a.jpg',
  )
  expect(await planItems([...found('a.jpg'), ...found('a.jpg')], [])).toHaveLength(1)
})

test.each([
  ['the folder itself', async (photos: string) => photos],
  [
    'a link to the folder',
    async (photos: string) => {
      await symlink(photos, `${photos}-link`)
      return `${photos}-link`
    },
  ],
  [
    'a folder with a link to a photo',
    async (photos: string) => {
      await mkdir(`${photos}-out`)
      await symlink(path.join(photos, 'a.jpg'), `${photos}-out/a.jpg`)
      return `${photos}-out`
    },
  ],
  [
    'a folder with a second name of a photo',
    async (photos: string) => {
      await mkdir(`${photos}-out`)
      await link(path.join(photos, 'a.jpg'), `${photos}-out/a.jpg`)
      return `${photos}-out`
    },
  ],
])('an input is never overwritten: --out is %s', async (_, makeOut) => {
  const photos = path.join(root, 'photos')
  await mkdir(photos)
  await writeFile(path.join(photos, 'a.jpg'), 'a')
  const out = await makeOut(photos)
  const items = await planItems((await findImages([path.join(photos, 'a.jpg')])).photos, [])
  await expect(protectInputs(items, out)).rejects.toThrow('Inputs are never overwritten')
  await expect(protectInputs(items, path.join(root, 'elsewhere'))).resolves.toBeUndefined()
})
