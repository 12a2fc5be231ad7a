/** An upload that began before the one that counts, and ends after it. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { detectUpload, findTask, type ObjectStore, originalKey, reconcileUpload, taskPrefix, uploadKey } from '@obscura/shared'
import { openS3Store, prepareBucket, type S3Options } from '@obscura/shared/s3'
import { startCeph } from '@obscura/test-servers/ceph'
import { missing } from '@obscura/test-servers/requirement'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { processNextTask } from './process-task.js'
import { sweep } from './sweeper.js'
import { makeTask, makeUploaded, openServices, pass, type TestServices } from './test/services.js'

const SETTINGS = { owner: 'worker', leaseSeconds: 20, maxFailures: 2, uploadMaxBytes: 1000 }
const CONFIG = { TASK_MAX_FAILURES: 2, RETENTION_DAYS: 0, TASK_ROWS_DAYS: 0, AUDIT_LOG_DAYS: 0 }

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.close())
beforeEach(() => services.db.query('truncate tasks, webhook_deliveries cascade'))

const find = async (id: number) => (await findTask(services.db, services.customerId, id))!

async function openBucket() {
  const { endpoint, accessKeyId, secretAccessKey, stop } = await startCeph()
  const credentials = { accessKeyId, secretAccessKey }
  const address = { endpoint, publicEndpoint: endpoint, region: 'us-east-1', forcePathStyle: true }
  const options: S3Options = { ...address, bucket: 'obscura', credentials }
  await prepareBucket(options, { expireDays: 0 })
  return { store: openS3Store(options), stop }
}

describe.each([
  ['the embedded store', false],
  ['S3', true],
])('on %s', (_, onS3) => {
  describe.skipIf(onS3 && missing('radosgw'))('a late upload', () => {
    let store: ObjectStore
    let stop: (() => Promise<void>) | undefined

    beforeAll(async () => {
      if (onS3) ({ store, stop } = await openBucket())
      else store = services.store
    })
    afterAll(() => stop?.())

    const here = () => ({ ...services, store })
    const work = () => processNextTask(here(), SETTINGS, new AbortController().signal)
    const replace = (task: { id: number; customerId: string }) => store.put(uploadKey(task), Buffer.from('late'), 'image/png')
    const originalOf = async (id: number) => String(await store.get(originalKey(await find(id))))

    test('to a done task changes none of its files, and is deleted', async () => {
      const task = await makeUploaded(here(), 'photo')
      await work()
      await replace(task)
      expect(await originalOf(task.id)).toBe('photo')
      await pass(services, 3600 + 601)
      await sweep(here(), CONFIG)
      expect(await store.list(taskPrefix(task), 10)).toEqual([
        `${taskPrefix(task)}1/anonymized.png`,
        `${taskPrefix(task)}1/original`,
        `${taskPrefix(task)}1/preview.jpeg`,
      ])
      expect(await originalOf(task.id)).toBe('photo')
      await replace(task)
      await pass(services, 100_000)
      await sweep(here(), CONFIG)
      // This cannot be an upload: the sweeper has finished with the task.
      expect(await store.head(uploadKey(task))).toBeDefined()
    })

    test('that the store announces is deleted at once', async () => {
      const task = await makeUploaded(here(), 'photo')
      await work()
      await replace(task)
      await reconcileUpload(here(), await find(task.id))
      expect(await store.head(uploadKey(task))).toBeUndefined()
      expect(await originalOf(task.id)).toBe('photo')
    })

    test('that arrives while the image is anonymized does not become its original', async () => {
      const task = await makeUploaded(here(), 'photo')
      const { anonymize } = services.engine
      const engine = {
        ...services.engine,
        anonymize: async (...all: Parameters<typeof anonymize>) => {
          await replace(task)
          return anonymize(...all)
        },
      }
      await processNextTask({ ...here(), engine }, SETTINGS, new AbortController().signal)
      expect(await find(task.id)).toMatchObject({ status: 'done', attempt: 1 })
      expect(await originalOf(task.id)).toBe('photo')
    })
  })
})

test.skipIf(missing('radosgw'))('a slow PUT to S3 that began before a fast one does not replace the original', async () => {
  const { store, stop } = await openBucket()
  try {
    const here = { ...services, store }
    const task = await makeTask(services)
    const url = new URL(await store.presignPut(uploadKey(task), 3600))
    const slow = connect(Number(url.port), url.hostname)
    slow.write(
      `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 9\r\nConnection: close\r\n\r\nslow `,
    )
    expect((await fetch(url, { method: 'PUT', body: Buffer.from('fast photo') })).status).toBe(200)
    await detectUpload(here, task)
    await processNextTask(here, SETTINGS, new AbortController().signal)
    slow.write('file')
    expect(await text(slow)).toMatch(/^HTTP\/1.1 200 /)
    if (!slow.closed) await once(slow, 'close')
    expect(String(await store.get(uploadKey(task)))).toBe('slow file')
    const done = await find(task.id)
    expect(done.status).toBe('done')
    expect(String(await store.get(originalKey(done)))).toBe('fast photo')
  } finally {
    await stop()
  }
})
