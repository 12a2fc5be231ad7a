import 'fake-indexeddb/auto'
import { openDB } from 'idb'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Upload } from './queue.js'

vi.stubGlobal('document', { baseURI: 'http://service.example/' })
afterAll(() => vi.unstubAllGlobals())

const DAY_MS = 86_400_000
const upload = (key: string): Upload => ({
  ...{ key, path: `${key}.jpg`, size: 5, modified: 0, file: new Blob([`of ${key}`]), isKept: false },
  ...{ parameters: {} as never, state: 'waiting', progress: 0 },
})

/** The module as a page that was just opened runs it. */
const openedPage = () => {
  vi.resetModules()
  return import('./kept.js')
}
/** The database as the page's tools of the browser show it. */
const database = () => openDB('obscura /')
async function stored() {
  const db = await database()
  const keys = { uploads: await db.getAllKeys('uploads'), files: await db.getAllKeys('files') }
  db.close()
  return keys
}

let kept: Awaited<ReturnType<typeof openedPage>>
beforeEach(async () => {
  kept = await openedPage()
  await kept.keptBytes()
})
afterEach(async () => {
  await kept.forgetUser('anna')
  await (await openedPage()).keptBytes()
  expect(await stored()).toEqual({ uploads: [], files: [] })
})

test('a file of the list is stored, and found when the list is restored', async () => {
  await kept.keepList('anna', [upload('a')])
  expect(await kept.keepFile(upload('a'))).toBe(true)
  const [restored] = await kept.restore('anna')
  expect(restored).toMatchObject({ key: 'a', isKept: true })
  expect(restored.file).toBeDefined()
})

test('a file is kept while the progress of its upload is recorded, until it has arrived', async () => {
  await kept.keepList('anna', [upload('a')])
  // What is written was read before the file was stored.
  await Promise.all([kept.keepFile(upload('a')), kept.keepState('anna', [{ ...upload('a'), state: 'uploading', taskId: 7 }])])
  const [restored] = await kept.restore('anna')
  expect(restored).toMatchObject({ taskId: 7, isKept: true })
  expect(restored.file).toBeDefined()
  await kept.keepState('anna', [{ ...upload('a'), state: 'processing' }])
  expect(await stored()).toEqual({ uploads: ['a'], files: [] })
})

test("no file is stored after another tab has removed its user's list", async () => {
  await kept.keepList('anna', [upload('a'), upload('b')])
  expect(await kept.keepFile(upload('a'))).toBe(true)
  await (await openedPage()).forgetUser('anna')
  expect(await kept.keepFile(upload('b'))).toBe(false)
  expect(await stored()).toEqual({ uploads: [], files: [] })
})

test('files without an entry in the list are removed when a page is opened', async () => {
  await kept.keepList('anna', [upload('a')])
  await kept.keepFile(upload('a'))
  const db = await database()
  await db.put('files', new Blob(['of nobody']), 'orphan')
  db.close()
  await (await openedPage()).keptBytes()
  expect(await stored()).toEqual({ uploads: ['a'], files: ['a'] })
})

test('uploads that nobody continued for a week are removed with their files', async () => {
  await kept.keepList('anna', [upload('old'), upload('new')])
  for (const key of ['old', 'new']) await kept.keepFile(upload(key))
  const db = await database()
  await db.put('uploads', { ...(await db.get('uploads', 'old')), time: Date.now() - 8 * DAY_MS })
  db.close()
  await (await openedPage()).keptBytes()
  expect(await stored()).toEqual({ uploads: ['new'], files: ['new'] })
})
