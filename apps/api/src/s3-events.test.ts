import { findTask, type Task, taskPrefix, uploadKey } from '@obscura/shared'
import { prepareBucket } from '@obscura/shared/s3'
import { type S3Server, startCeph } from '@obscura/test-servers/ceph'
import { createTopic } from '@obscura/test-servers/ceph-topic'
import { missing } from '@obscura/test-servers/requirement'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiDependencies } from './settings.js'
import { JPEG, PNG, type Service, startService } from './test/service.js'

const EVENTS = { token: 'a word + more', bucket: 'obscura' }
const withEvents = (dependencies: ApiDependencies): ApiDependencies => ({
  ...dependencies,
  settings: { ...dependencies.settings, s3Events: EVENTS },
})

let service: Service
let token: string

/** A new task from the database; a request to the API would detect its file. */
async function create(parameters = {}): Promise<{ find: () => Promise<Task>; key: string; uploadUrl: string; id: number }> {
  const { task_id: id, customer_id, upload_url: uploadUrl } = await service.create(token, parameters)
  const find = async () => (await findTask(service.db, customer_id, id))!
  return { find, key: uploadKey({ id, customerId: customer_id }), uploadUrl, id }
}

describe('events of an S3 server', () => {
  beforeAll(async () => {
    service = await startService(withEvents)
    token = (await service.newUser()).token
  })
  afterAll(() => service?.close())

  const record = (key: string, eventName = 'ObjectCreated:Put', bucket = EVENTS.bucket) => ({
    eventName,
    s3: { bucket: { name: bucket }, object: { key } },
  })
  const send = (body: unknown, headers: Record<string, string> = { authorization: `Bearer ${EVENTS.token}` }, query = '') =>
    service.request('POST', `/events/s3${query}`, { body, headers })
  const put = (key: string) => service.store.put(key, JPEG, 'image/jpeg')
  const isQueued = ({ find }: { find: () => Promise<Task> }) => expect.poll(async () => (await find()).status).toBe('queued')

  it('queue the tasks of a batch, their keys raw or encoded', async () => {
    const [raw, encoded] = [await create(), await create()]
    for (const { key } of [raw, encoded]) await put(key)
    const response = await send({ Records: [record(raw.key), record(encodeURIComponent(encoded.key), 's3:ObjectCreated:Put')] })
    expect(response).toMatchObject({ status: 200, body: '' })
    await Promise.all([raw, encoded].map(isQueued))
  })

  it.each<[string, Record<string, string>, string]>([
    ['after Bearer', { authorization: `Bearer ${EVENTS.token}` }, ''],
    ['alone', { authorization: EVENTS.token }, ''],
    ['in the query', {}, `?token=${encodeURIComponent(EVENTS.token)}`],
  ])('are accepted with the token %s', async (_, headers, query) => {
    const task = await create()
    await put(task.key)
    expect((await send({ Records: [record(task.key)] }, headers, query)).status).toBe(200)
    await isQueued(task)
  })

  it.each<[string, Record<string, string>, string]>([
    ['no token', {}, ''],
    ['another token', { authorization: `Bearer ${EVENTS.token}x` }, ''],
    ['an empty one', { authorization: '' }, '?token='],
    ['two, of which one is right', {}, `?token=x&token=${encodeURIComponent(EVENTS.token)}`],
  ])('with %s are refused', async (_, headers, query) => {
    expect(await send({ Records: [] }, headers, query)).toMatchObject({ status: 401, body: { message: 'Unauthorized' } })
  })

  it('about other buckets, other keys, removals and tasks that do not exist change nothing', async () => {
    const task = await create()
    await put(task.key)
    const records = [
      record(task.key, 'ObjectCreated:Put', 'another'),
      record(task.key, 'ObjectRemoved:Delete'),
      record(`${task.key}/../original`),
      record(task.key.replace('/original', '/1/anonymized.png')),
      record(task.key.replace(String(task.id), '1')),
      record('../../etc/passwd'),
    ]
    expect((await send({ Records: records })).status).toBe(200)
    const last = await create()
    await put(last.key)
    await send({ Records: [record(last.key)] })
    await isQueued(last)
    expect((await task.find()).status).toBe('new')
  })

  it('about tasks that are queued or done change nothing', async () => {
    const task = await create()
    await put(task.key)
    for (let times = 0; times < 3; times++) await send({ Records: [record(task.key), record(task.key)] })
    await isQueued(task)
    await service.complete(task.id)
    const done = await task.find()
    await send({ Records: [record(task.key)] })
    await send({ Records: [record(task.key)] })
    expect(await task.find()).toEqual(done)
  })

  it.each([
    ['no JSON', '{"Records": [', 400],
    ['nothing', undefined, 400],
    ['a list', [], 400],
    ['no records', {}, 400],
    ['records that are none', { Records: [null] }, 400],
    ['a record without a place', { Records: [{ eventName: 'ObjectCreated:Put' }] }, 400],
    ['a key that is not a string', { Records: [record({} as string)] }, 400],
    ['more than a megabyte', { Records: [record('x'.repeat(2_000_000))] }, 413],
  ])('that hold %s are refused', async (_, body, status) => {
    expect((await send(body)).status).toBe(status)
  })

  it('get a 404 when they are not enabled', async () => {
    const without = await startService()
    const response = await without.request('POST', '/events/s3?token=undefined', { body: { Records: [] } })
    expect(response.status).toBe(404)
    await without.close()
  })
})

describe.skipIf(missing('radosgw'))('on Ceph', () => {
  let server: S3Server

  beforeAll(async () => {
    server = await startCeph()
    const { endpoint, accessKeyId, secretAccessKey } = server
    const settings = { S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
    Object.assign(process.env, settings)
    service = await startService(withEvents)
    token = (await service.newUser()).token
    const query = new URLSearchParams({ token: EVENTS.token })
    const eventsTarget = await createTopic(server, 'uploads', `${service.url}/events/s3?${query}`)
    const bucket = { endpoint, publicEndpoint: endpoint, region: 'us-east-1', bucket: 'obscura', forcePathStyle: true }
    for (let times = 0; times < 2; times++) {
      const done = await prepareBucket(
        { ...bucket, credentials: { accessKeyId, secretAccessKey } },
        { expireDays: 0, eventsTarget },
      )
      expect(done).toContain(`The server reports uploads to ${eventsTarget}.`)
    }
  })
  afterAll(async () => {
    await service?.close()
    await server?.stop()
  })

  const files = async (task: Task) => service.store.list(taskPrefix(task), 10)

  it('an upload queues its task without any request', async () => {
    const task = await create()
    expect((await service.upload(task.uploadUrl)).status).toBe(200)
    await expect.poll(() => task.find()).toMatchObject({ status: 'queued', uploadSize: JPEG.length })
  })

  it('a file uploaded to a deleted task is deleted immediately', async () => {
    const task = await create()
    await service.request('DELETE', `/v2/task/${task.id}/files`, { token })
    expect((await service.upload(task.uploadUrl)).status).toBe(200)
    await expect.poll(async () => files(await task.find())).toEqual([])
    expect((await task.find()).status).toBe('deleted')
  })

  it('a file of a wrong type fails its task and is deleted immediately', async () => {
    const task = await create()
    await service.upload(task.uploadUrl, Buffer.from('<script>'), { 'content-type': 'text/html' })
    await expect.poll(async () => files(await task.find())).toEqual([])
    expect(await task.find()).toMatchObject({ status: 'failed', failureCause: 'CONTENT_TYPE_ERROR' })
  })

  it('of two uploads to a task that waits for its start the last one counts', async () => {
    const task = await create({ start_on: 'start_request' })
    for (const body of [JPEG, PNG]) await service.upload(task.uploadUrl, body)
    await service.request('POST', `/v2/task/${task.id}/start`, { token })
    expect(await task.find()).toMatchObject({ status: 'queued', uploadSize: PNG.length })
    expect(await service.store.get(task.key, (await task.find()).uploadEtag!)).toEqual(PNG)
  })

  it('a task is processed from upload to result without any request', async () => {
    service.startWork()
    const task = await create()
    await service.upload(task.uploadUrl)
    await expect.poll(async () => (await task.find()).status).toBe('done')
    const attempt = `${taskPrefix(await task.find())}1`
    expect(await files(await task.find())).toEqual([`${attempt}/anonymized.jpeg`, `${attempt}/regions.json`, task.key])
  })

  it('while the server is unavailable, new tasks can still be created and read', async () => {
    await server.stop()
    const task = await create()
    expect(await service.status(token, task.id)).toMatchObject({ task_status: 'new' })
    expect((await service.request('GET', `/v2/task/${task.id}`, { token })).status).toBe(200)
  })
})
