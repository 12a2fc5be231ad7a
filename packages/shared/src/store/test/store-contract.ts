/** The contract of every ObjectStore, run by the test of each adapter. */
import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ObjectMissingError, type ObjectStore } from '../store.js'

export interface OpenedStore {
  store: ObjectStore
  close(): Promise<void>
}

export function storeContract(open: () => Promise<OpenedStore>): void {
  let opened: OpenedStore
  let store: ObjectStore
  const folder = () => `${randomUUID()}/${Date.now()}/`
  const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(5000)])

  beforeAll(async () => {
    opened = await open()
    store = opened.store
  })

  afterAll(() => opened?.close())

  describe('objects', () => {
    test('are read as they were written', async () => {
      const key = `${folder()}original`
      const before = Date.now()
      const put = await store.put(key, jpeg, 'image/jpeg')
      expect(put).toMatchObject({ size: jpeg.length, contentType: 'image/jpeg' })
      // Servers keep whole seconds.
      expect(Math.abs(put.modified.getTime() - before)).toBeLessThan(5000)
      expect(await store.head(key)).toEqual({ ...put, modified: expect.any(Date) })
      expect(await store.get(key)).toEqual(jpeg)
    })

    test('may be empty', async () => {
      const key = `${folder()}original`
      expect(await store.put(key, new Uint8Array(), 'image/png')).toMatchObject({ size: 0 })
      expect(await store.get(key)).toHaveLength(0)
    })

    test.each([1000, 20_000_000])('come from streams of %i bytes', async size => {
      const key = `${folder()}original`
      const content = randomBytes(size)
      const pieces = function* () {
        for (let i = 0; i < size; i += 65_536) yield content.subarray(i, i + 65_536)
      }
      expect(await store.put(key, Readable.from(pieces()), 'image/png')).toMatchObject({ size })
      expect(content.equals(await store.get(key))).toBe(true)
    })

    test('are replaced as a whole, and the ETag tells', async () => {
      const key = `${folder()}original`
      const first = await store.put(key, jpeg, 'image/jpeg')
      const second = await store.put(key, randomBytes(10), 'image/png')
      expect(second.etag).not.toBe(first.etag)
      expect(await store.head(key)).toEqual({ ...second, modified: expect.any(Date) })
      expect(await store.get(key, second.etag)).toHaveLength(10)
      await expect(store.get(key, first.etag)).rejects.toThrow(ObjectMissingError)
    })

    test('do not exist after an interrupted stream', async () => {
      const key = `${folder()}original`
      const broken = new Readable({ read() {} })
      broken.push(randomBytes(100_000))
      setTimeout(() => broken.destroy(new Error('The client went away.')), 50)
      await expect(store.put(key, broken, 'image/jpeg')).rejects.toThrow('The client went away.')
      expect(await store.head(key)).toBeUndefined()
    })

    test('that do not exist are reported as undefined by head', async () => {
      const key = `${folder()}original`
      expect(await store.head(key)).toBeUndefined()
      await expect(store.get(key)).rejects.toThrow(ObjectMissingError)
      await expect(store.get(key, '"0"')).rejects.toThrow(ObjectMissingError)
    })
  })

  describe('copies', () => {
    test('have content and type, and stay when the object is replaced or deleted', async () => {
      const prefix = folder()
      const { etag } = await store.put(`${prefix}original`, jpeg, 'image/jpeg')
      expect(await store.copy(`${prefix}original`, `${prefix}1/original`, etag)).toBe(true)
      await store.put(`${prefix}original`, randomBytes(10), 'image/png')
      await store.deletePrefix(`${prefix}original`)
      expect(await store.get(`${prefix}1/original`)).toEqual(jpeg)
      expect(await store.head(`${prefix}1/original`)).toMatchObject({ contentType: 'image/jpeg', size: jpeg.length })
    })

    test('do not count of an object that was replaced, or that does not exist', async () => {
      const prefix = folder()
      const { etag } = await store.put(`${prefix}original`, jpeg, 'image/jpeg')
      await store.put(`${prefix}original`, randomBytes(10), 'image/png')
      expect(await store.copy(`${prefix}original`, `${prefix}1/original`, etag)).toBe(false)
      expect(await store.copy(`${prefix}missing`, `${prefix}1/original`, etag)).toBe(false)
    })
  })

  describe('prefixes', () => {
    test('list keys in order, in pages', async () => {
      const prefix = folder()
      const keys = ['1/anonymized.jpeg', '1/binary-mask.png', '10/a', '2/a', 'original'].map(name => prefix + name)
      for (const key of keys.toReversed()) await store.put(key, jpeg, 'image/jpeg')
      expect(await store.list(prefix, 10)).toEqual(keys)
      expect(await store.list(`${prefix}1/`, 10)).toEqual(keys.slice(0, 2))
      expect(await store.list(prefix, 2)).toEqual(keys.slice(0, 2))
      expect(await store.list(prefix, 2, keys[1])).toEqual(keys.slice(2, 4))
      expect(await store.list(prefix, 10, keys[4])).toEqual([])
    })

    test('are deleted with everything below them and nothing beside', async () => {
      const prefix = folder()
      const beside = `${prefix}10/a`
      for (const key of [`${prefix}1/a`, `${prefix}1/b`, beside]) await store.put(key, jpeg, 'image/jpeg')
      expect(await store.deletePrefix(`${prefix}1/`)).toBe(2)
      expect(await store.list(prefix, 10)).toEqual([beside])
      expect(await store.deletePrefix(`${prefix}1/`)).toBe(0)
    })
  })

  describe('signed URLs', () => {
    test.each([undefined, 'image/jpeg', 'application/x-www-form-urlencoded', 'text/html'])(
      'take an upload of type %s',
      async type => {
        const key = `${folder()}original`
        const headers: Record<string, string> = type ? { 'content-type': type } : {}
        const response = await fetch(await store.presignPut(key, 60), { method: 'PUT', body: jpeg, headers })
        expect([response.status, await response.text()]).toEqual([200, ''])
        expect(await store.get(key)).toEqual(jpeg)
        const { contentType } = (await store.head(key))!
        if (type) expect(contentType).toBe(type)
        else expect([undefined, 'binary/octet-stream']).toContain(contentType)
      },
    )

    test('answer with the object and the type asked for', async () => {
      const key = `${folder()}original`
      await store.put(key, jpeg, 'binary/octet-stream')
      const response = await fetch(await store.presignGet(key, 60, 'image/jpeg'))
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('image/jpeg')
      expect(Buffer.from(await response.arrayBuffer())).toEqual(jpeg)
    })

    test('answer with the Cache-Control asked for', async () => {
      const key = `${folder()}original`
      await store.put(key, jpeg, 'image/jpeg')
      const response = await fetch(await store.presignGet(key, 60, 'image/png', 'private, no-store'))
      expect(response.headers.get('cache-control')).toBe('private, no-store')
      expect(response.headers.get('content-type')).toBe('image/png')
    })

    test('open nothing else', async () => {
      const prefix = folder()
      await store.put(`${prefix}original`, jpeg, 'image/jpeg')
      const get = await store.presignGet(`${prefix}original`, 60)
      const put = await store.presignPut(`${prefix}original`, 60)
      const refused = [
        await fetch(put),
        await fetch(get, { method: 'PUT', body: jpeg }),
        await fetch(get, { method: 'DELETE' }),
        await fetch(get.replace('/original', '/other')),
        await fetch(get.replace(/\?.*/, '')),
        await fetch(get.replace(/(ignature=.)(.)/, (_, before, letter) => before + (letter === 'a' ? 'b' : 'a'))),
      ]
      expect(refused.map(response => response.status)).toEqual(refused.map(() => 403))
    })

    test('expire', async () => {
      const key = `${folder()}original`
      const url = await store.presignPut(key, 1)
      await sleep(2100)
      expect((await fetch(url, { method: 'PUT', body: jpeg })).status).toBe(403)
      expect(await store.head(key)).toBeUndefined()
    })
  })

  test('proves that it can be used', async () => {
    await store.check()
  })
}
