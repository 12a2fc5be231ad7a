import { once } from 'node:events'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FileStore, openFileStore } from './file-store.js'
import { ObjectTooLargeError } from './object-file.js'
import { SignatureError } from './signed-urls.js'
import { ObjectMissingError } from './store.js'
import { type OpenedStore, storeContract } from './test/store-contract.js'

let folder: string
let store: FileStore

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'))
  store = await openFileStore(folder, () => 'https://photos.example/obscura')
})

afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

describe('the file store as every store', () => {
  storeContract(openServed)
})

describe('the file store', () => {
  test('an upload larger than allowed, or cut off, leaves nothing and does not touch what was there', async () => {
    await store.put('c/1/original', Buffer.from('before'), 'image/jpeg')
    const large = Readable.from([Buffer.alloc(10), Buffer.alloc(10)])
    await expect(store.receive('c/1/original', large, { contentType: undefined, limit: 19 })).rejects.toThrow(ObjectTooLargeError)
    const cut = new PassThrough()
    cut.write('half')
    setImmediate(() => cut.destroy(new Error('The client went away.')))
    await expect(store.receive('c/1/original', cut, { contentType: undefined, limit: 100 })).rejects.toThrow('went away')
    expect((await store.get('c/1/original')).toString()).toBe('before')
    expect(await readdir(join(folder, 'temporary'))).toEqual([])
  })

  test('an upload of exactly the limit is kept, without a type when none was declared', async () => {
    const info = await store.receive('c/2/original', Readable.from([Buffer.alloc(20)]), { contentType: undefined, limit: 20 })
    expect(info).toMatchObject({ size: 20, contentType: undefined })
    expect(await store.head('c/2/original')).toEqual(info)
  })

  test('an upload that finds its place taken is dropped, and still told its ETag', async () => {
    await store.put('c/5/original', Buffer.from('before'), 'image/jpeg')
    const upload = { contentType: undefined, place: async () => false }
    const dropped = await store.receive('c/5/original', Readable.from([Buffer.from('after')]), upload)
    expect((await store.get('c/5/original')).toString()).toBe('before')
    expect(await readdir(join(folder, 'temporary'))).toEqual([])
    const kept = await store.receive('c/5/original', Readable.from([Buffer.from('after')]), { contentType: undefined })
    expect(kept.etag).toBe(dropped.etag)
  })

  test('a hostile content type is cut to what fits', async () => {
    const type = `image/"\\\u{1F4A3}${'x'.repeat(5000)}`
    const info = await store.receive('c/3/original', Readable.from([Buffer.from('content')]), { contentType: type, limit: 100 })
    expect(info.contentType).toMatch(/^image\/"\\x+$/)
    expect((await store.get('c/3/original')).toString()).toBe('content')
  })

  test('objects can be sent whole or in part', async () => {
    await store.put('c/4/original', Buffer.from('0123456789'), 'image/png')
    const read = async (range?: { start: number; end: number }) =>
      String(await buffer((await store.open('c/4/original', range)).body))
    expect(await read()).toBe('0123456789')
    expect(await read({ start: 2, end: 4 })).toBe('234')
    await store.put('c/4/empty', Buffer.alloc(0), 'image/png')
    expect(await buffer((await store.open('c/4/empty')).body)).toHaveLength(0)
    await expect(store.open('c/4/missing')).rejects.toThrow(ObjectMissingError)
  })

  test('keys come in the order of their bytes, folders or not', async () => {
    const keys = ['list/a-b', 'list/a/1', 'list/a/10', 'list/a/2', 'list/a0', 'list/b/c/d', 'lisu']
    for (const key of keys) await store.put(key, Buffer.from(key), 'image/png')
    expect(await store.list('list/', 100)).toEqual(keys.slice(0, 6))
    expect(await store.list('list/', 3, 'list/a/1')).toEqual(['list/a/10', 'list/a/2', 'list/a0'])
    expect(await store.list('list/a/1', 100)).toEqual(['list/a/1', 'list/a/10'])
  })

  test('writers and deleters at the same time leave whole objects', async () => {
    const contents = Array.from({ length: 8 }, (_, n) => Buffer.alloc(50_000, n))
    const writing = contents.map(content => store.put('race/1/original', content, 'image/png'))
    await Promise.all([...writing, store.deletePrefix('race/1/'), store.deletePrefix('race/1/')])
    const [left] = await store.list('race/', 10)
    if (left) expect(contents).toContainEqual(await store.get(left))
  })

  test.each(['../secret', 'a/../../secret', '/etc/passwd', 'a//b', 'a/./b', '.hidden', 'a\\b', 'a\0b', '', 'a/', 'ü'])(
    'the key %j is refused',
    async key => {
      await expect(store.put(key, Buffer.from('x'), 'image/png')).rejects.toThrow(RangeError)
      await expect(store.get(key)).rejects.toThrow(RangeError)
      await expect(store.presignGet(key, 60)).rejects.toThrow(RangeError)
    },
  )

  test('files that nobody finished are cleared away when the store is opened', async () => {
    const [left, fresh] = ['left', 'fresh'].map(name => join(folder, 'temporary', name))
    await Promise.all([writeFile(left, ''), writeFile(fresh, '')])
    const old = new Date(Date.now() - 2 * 60 * 60_000)
    await utimes(left, old, old)
    await (await openFileStore(folder, () => '')).close()
    expect(await readdir(join(folder, 'temporary'))).toEqual(['fresh'])
    await rm(fresh)
  })

  test('stores on one folder accept the URLs of each other', async () => {
    const url = new URL(await store.presignGet('c/1/original', 60, 'image/png'))
    expect(url.href.startsWith('https://photos.example/obscura/files/c/1/original?')).toBe(true)
    const other = await openFileStore(folder, () => '')
    expect(other.verify('GET', url.pathname + url.search)).toEqual({ key: 'c/1/original', contentType: 'image/png' })
    await other.close()
  })
})

/** A store whose signed URLs are served by a minimal server. */
async function openServed(): Promise<OpenedStore> {
  const served = await mkdtemp(join(tmpdir(), 'store-'))
  const server = createServer(async (request, response) => {
    try {
      const method = request.method as 'GET' | 'PUT'
      const { key, contentType, cacheControl } = fileStore.verify(method, request.url!)
      if (method === 'PUT') {
        await fileStore.receive(key, request, { contentType: request.headers['content-type'], limit: 1e9 })
        response.end()
      } else {
        const { body } = await fileStore.open(key)
        if (cacheControl) response.setHeader('cache-control', cacheControl)
        if (contentType) response.setHeader('content-type', contentType)
        body.pipe(response)
      }
    } catch (error) {
      response.writeHead(error instanceof SignatureError ? 403 : 500).end()
      request.resume()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const fileStore = await openFileStore(served, () => `http://127.0.0.1:${port}`)
  return {
    store: fileStore,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await fileStore.close()
      await rm(served, { recursive: true })
    },
  }
}
