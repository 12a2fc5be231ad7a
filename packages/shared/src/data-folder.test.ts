import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mountSmallDisk } from '@obscura/test-servers/small-disk'
import { afterAll, expect, test } from 'vitest'
import { DataFolderError, prepareDataFolder } from './data-folder.js'

const root = mkdtempSync(join(tmpdir(), 'data-folder-'))
afterAll(() => rmSync(root, { recursive: true }))

test('a missing folder is created with its parents, for this user alone, and left empty', async () => {
  const folder = join(root, 'a/b/data')
  await Promise.all(Array.from({ length: 8 }, () => prepareDataFolder(folder)))
  await prepareDataFolder(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(readdirSync(folder)).toEqual([])
})

test('a link to a folder is followed', async () => {
  mkdirSync(join(root, 'target'))
  symlinkSync('target', join(root, 'link'))
  await prepareDataFolder(join(root, 'link/data'))
  expect(readdirSync(join(root, 'target'))).toEqual(['data'])
})

const LINUX: [string, string, string][] = [
  ['a new folder of /proc', '/proc/none', 'cannot be created on this file system'],
  ['a folder of /proc', '/proc', 'cannot be created on this file system'],
  ['a device', '/dev/full', 'is not a folder'],
]

test.each([
  ['a file', join(root, 'file'), 'is not a folder'],
  ['a folder below a file', join(root, 'file/data'), 'is not a folder'],
  ['a link that leads nowhere', join(root, 'dangling'), 'is not a folder'],
  ...(process.platform === 'linux' ? LINUX : []),
])('%s is refused, named and explained', async (_, folder, reason) => {
  writeFileSync(join(root, 'file'), '')
  rmSync(join(root, 'dangling'), { force: true })
  symlinkSync('nothing', join(root, 'dangling'))
  const refused = prepareDataFolder(folder)
  await expect(refused).rejects.toThrow(DataFolderError)
  await expect(refused).rejects.toThrow(`The folder ${folder} ${reason}`)
  await expect(refused).rejects.toThrow(/ Set OBSCURA_DATA to another folder\.$/)
})

const disk = mountSmallDisk(1)
afterAll(() => disk?.remove())
test.skipIf(!disk)('a full disk is reported, until there is space again', async () => {
  const { folder } = disk!
  writeFileSync(join(folder, 'fill'), new Uint8Array(1e6))
  await expect(prepareDataFolder(join(folder, 'data'))).rejects.toThrow(/ is on a full disk\. Free some space/)
  rmSync(join(folder, 'fill'))
  await prepareDataFolder(join(folder, 'data'))
  expect(readdirSync(join(folder, 'data'))).toEqual([])
})
