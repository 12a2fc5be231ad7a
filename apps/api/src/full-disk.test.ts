import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createLogger, createReserve, freeDisk, ObjectMissingError, setCustomerAreas } from '@obscura/shared'
import { mountSmallDisk, type SmallDisk } from '@obscura/test-servers/small-disk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JPEG, type Service, startService } from './test/service.js'

const MB = 1_000_000

/** A service that must keep `bytes` free on the disk of `folder`. */
const keeping = (bytes: number, folder = tmpdir()) => {
  const options = { resource: 'disk', bytes, measure: () => freeDisk(folder), setting: 'MIN_FREE_DISK_MB' } as const
  return startService(dependencies => ({ ...dependencies, disk: createReserve(options, createLogger('silent')) }))
}

const slowDown = { status: 503, body: expect.stringContaining('<Code>SlowDown</Code>') }

it('with a reserve larger than the disk, uploads are refused as in S3 and everything else works', async () => {
  const service = await keeping(1e18)
  const { token } = await service.newUser()
  const task = await service.create(token)
  const refused = await service.upload(task.upload_url)
  expect(refused).toMatchObject(slowDown)
  expect(refused.headers.get('retry-after')).toBe('60')
  expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'new' })
  const areas = Array.from({ length: 200 }, (_, i) => ({ topLeftX: i, topLeftY: 0, width: 1, height: 1 }))
  const large = { anonymization_method: 'blur', face: true, ignores: areas }
  const created = await service.request('POST', '/v2/task', { token, body: large })
  expect(created.body).toEqual({ status_code: 503, error: expect.stringContaining('disk of the service is full') })
  expect([created.status, created.headers.get('retry-after')]).toEqual([503, '5'])
  const polygon = Array.from({ length: 1000 }, (_, i) => [i, i % 7])
  const saved = await service.request('PUT', '/v2/areas', { token, body: { areas: [{ polygon }] } })
  expect(saved).toMatchObject({ status: 503, body: { error: expect.stringMatching(/^Could not save the areas\. The disk/) } })
  // Default areas are copied to each task, however small its body.
  await setCustomerAreas(service.db, task.customer_id, JSON.stringify([{ polygon }]))
  const small = { anonymization_method: 'blur', face: true }
  expect((await service.request('POST', '/v2/task', { token, body: small })).status).toBe(503)
  // A correction writes a new image, and its edits.
  await service.store.put(`${task.customer_id}/${task.task_id}/original`, JPEG, 'image/jpeg')
  await service.status(token, task.task_id)
  await service.complete(task.task_id, [{ class: 'face', score: 0.9, box: [1, 2, 5, 6], anonymised: true }], 'jpeg')
  const path = `/v2/task/${task.task_id}/corrections`
  const corrected = await service.request('POST', path, { token, body: { remove: [0] } })
  expect(corrected.body).toEqual({
    status_code: 503,
    error: 'Could not correct the task. The disk of the service is full. Try again later, or contact support (help@example.com).',
  })
  expect([corrected.status, corrected.headers.get('retry-after')]).toEqual([503, '5'])
  expect((await service.request('GET', path, { token })).body.items).toEqual([])
  const { status, body } = await service.request('GET', '/ready')
  expect(status).toBe(503)
  expect(body.checks).toMatchObject({ database: 'ok', store: 'ok' })
  expect(body.checks.disk).toMatch(/^Only \d+ MB of disk are free; MIN_FREE_DISK_MB reserves/)
  await service.close()
})

// Mounted before the tests are declared, because they only run if this succeeds.
const disk = mountSmallDisk(200)
if (!disk) console.warn('Skipped, because this user may not mount a file system.')

describe.skipIf(!disk)('on a small disk', () => {
  let service: Service
  let token: string
  const { folder } = disk ?? ({ folder: '' } as SmallDisk)
  const filler = join(folder, 'filler')
  /** Fills the disk up to a number of free bytes. */
  const leave = async (bytes: number) => {
    await rm(filler, { force: true })
    await writeFile(filler, Buffer.alloc(Math.max(0, (await freeDisk(folder)) - bytes)))
  }
  const start = async (bytes: number) => {
    const elsewhere = process.env.TMPDIR
    process.env.TMPDIR = folder
    service = await keeping(bytes, folder).finally(() => {
      if (elsewhere === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = elsewhere
    })
    token = (await service.newUser()).token
  }

  afterAll(() => disk?.remove())

  describe('a disk with a reserve', () => {
    beforeAll(() => start(10 * MB))
    afterAll(() => service?.close())

    it('refuses uploads before the reserve is used, and accepts them when there is space again', async () => {
      const task = await service.create(token)
      await leave(10.5 * MB)
      expect(await service.upload(task.upload_url, Buffer.alloc(900_000))).toMatchObject(slowDown)
      // Without a length it could have the maximum size.
      const body = Readable.toWeb(Readable.from([JPEG]))
      const chunked = await fetch(task.upload_url, { method: 'PUT', body, duplex: 'half' } as RequestInit)
      expect(chunked.status).toBe(503)
      expect((await service.upload(task.upload_url)).status).toBe(200)
      expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'queued' })

      await leave(9 * MB)
      expect((await service.request('GET', '/ready')).status).toBe(503)
      const other = await service.create(token)
      expect(await service.upload(other.upload_url)).toMatchObject(slowDown)
      await rm(filler)
      expect((await service.request('GET', '/ready')).status).toBe(200)
      expect((await service.upload(other.upload_url)).status).toBe(200)
    })

    it('does not count the same free space for several uploads', async () => {
      const tasks = await Promise.all(Array.from({ length: 8 }, () => service.create(token)))
      await leave(12.5 * MB)
      const responses = await Promise.all(tasks.map(task => service.upload(task.upload_url, Buffer.alloc(900_000))))
      const statuses = responses.map(({ status }) => status)
      expect(statuses).toContain(200)
      expect(statuses).toContain(503)
      expect(await freeDisk(folder)).toBeGreaterThan(9 * MB)
      await rm(filler)
    })
  })

  describe('a disk without a reserve', () => {
    beforeAll(() => start(0))
    afterAll(() => service?.close())

    it('refuses an upload that fills it, and removes it completely', async () => {
      const task = await service.create(token)
      await leave(0.5 * MB)
      expect(await service.upload(task.upload_url, Buffer.alloc(900_000))).toMatchObject(slowDown)
      const key = `${task.customer_id}/${task.task_id}/original`
      await expect(service.store.get(key)).rejects.toThrow(ObjectMissingError)
      expect(await freeDisk(folder)).toBeGreaterThan(0.3 * MB)
      await rm(filler)
      expect((await service.upload(task.upload_url)).status).toBe(200)
    })
  })
})
