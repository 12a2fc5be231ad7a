import {
  deleteTask,
  findDetections,
  findTask,
  ObjectMissingError,
  retryExpired,
  type Task,
  taskPrefix,
  uploadKey,
} from '@obscura/shared'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { processNextTask } from './process-task.js'
import { makeUploaded, openServices, pass, type TestServices } from './test/services.js'

const SETTINGS = { owner: 'worker', leaseSeconds: 20, maxFailures: 2, uploadMaxBytes: 1000 }
const never = new AbortController().signal

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.close())
beforeEach(() => services.db.query('truncate tasks, webhook_deliveries cascade'))

const find = (id: number) => findTask(services.db, services.customerId, id)
const work = () => processNextTask(services, SETTINGS, never)
const files = (task: { id: number; customerId: string }) => services.store.list(taskPrefix(task), 100)

test('a task ends as done, with files, detections and timings', async () => {
  const task = await makeUploaded(services, 'photo', { instance_segmentation_mask: true })
  await work()
  expect(await find(task.id)).toMatchObject({
    status: 'done',
    progress: 1,
    outputFormat: 'png',
    outputWidth: 20,
    outputHeight: 10,
    timings: { fetch: expect.any(Number), detect: 1, store: expect.any(Number) },
    warnings: ['The stand-in warns.'],
    models: [{ name: 'net', sha256: 'a'.repeat(64), precision: 'float' }],
  })
  expect(await findDetections(services.db, services.customerId, task.id)).toEqual([
    { class: 'face', score: 0.9, box: [1, 2, 3, 4], anonymised: true },
  ])
  const prefix = taskPrefix(task)
  const results = ['1/anonymized.png', '1/instance-mask.png', '1/original', '1/preview.jpeg', 'original']
  expect(await files(task)).toEqual(results.map(name => prefix + name))
  expect(String(await services.store.get(`${prefix}1/anonymized.png`))).toBe('anonymized photo')
  expect(await services.store.head(`${prefix}1/anonymized.png`)).toMatchObject({ contentType: 'image/png' })
})

test('nothing happens without a task', async () => {
  expect(await work()).toBe(false)
})

test.each(['IMAGE_DEFECT', 'CONTENT_TYPE_ERROR', 'PARAMETER_ERROR_FORMAT'])('%s ends a task at once', async cause => {
  const task = await makeUploaded(services, cause)
  await work()
  expect(await find(task.id)).toMatchObject({ status: 'failed', failureCause: cause, failureReason: 'As told.', attempt: 1 })
})

test('a task with a grid that only an older release accepted fails with the cause of a wrong format', async () => {
  const task = await makeUploaded(services, 'photo')
  const grid = JSON.stringify({ number: [25, 25], overlap: [0, 0] })
  await services.db.query(`update tasks set parameters = parameters || jsonb_build_object('format', $1::text)`, [grid])
  await work()
  expect(await find(task.id)).toMatchObject({
    status: 'failed',
    failureCause: 'PARAMETER_ERROR_FORMAT',
    failureReason: 'A grid may have at most 400 tiles; 25 x 25 are 625.',
  })
})

test('a file declared as an image that is not one fails with IMAGE_DEFECT', async () => {
  const task = await makeUploaded(services, 'CONTENT_TYPE_ERROR', {}, 'image/jpeg')
  await work()
  expect(await find(task.id)).toMatchObject({ status: 'failed', failureCause: 'IMAGE_DEFECT' })
})

test('an upload larger than allowed fails unread', async () => {
  const task = await makeUploaded(services, 'x'.repeat(1001))
  await work()
  expect(await find(task.id)).toMatchObject({
    status: 'failed',
    failureCause: 'IMAGE_DEFECT',
    failureReason: 'The file is 1001 bytes long; UPLOAD_MAX_MB allows 1000.',
  })
})

test.each(['INTERNAL_ERROR', 'defect'])('%s of the engine is retried, then ends the task', async content => {
  const task = await makeUploaded(services, content)
  await work()
  expect(await find(task.id)).toMatchObject({ status: 'queued', failures: 1 })
  await pass(services, 10)
  await work()
  expect(await find(task.id)).toMatchObject({ status: 'failed', failureCause: 'INTERNAL_ERROR', attempt: 2 })
})

test.each([
  ['overrun', 10, 2],
  ['crash', 10, 3],
  ['crash', 2, 2],
  ['INTERNAL_ERROR', 4, 4],
])(
  'an image that ends its process by %s costs few attempts, even where %i failures are allowed',
  async (content, maxFailures, attempt) => {
    const task = await makeUploaded(services, content)
    for (let n = 0; n < attempt; n++) {
      expect((await find(task.id))?.status).toBe('queued')
      await processNextTask(services, { ...SETTINGS, maxFailures }, never)
      await pass(services, 600)
    }
    expect(await find(task.id)).toMatchObject({ status: 'failed', failureCause: 'INTERNAL_ERROR', attempt, failures: attempt })
  },
)

test('an upload that is gone is TASK_FILE_DOESNT_EXIST', async () => {
  const task = await makeUploaded(services, 'photo')
  await services.store.deletePrefix(uploadKey(task))
  await work()
  expect(await find(task.id)).toMatchObject({ status: 'failed', failureCause: 'TASK_FILE_DOESNT_EXIST' })
})

describe('an upload that was replaced while its task waited', () => {
  const replace = (task: Task, content: string, type: string) => services.store.put(uploadKey(task), Buffer.from(content), type)

  test('is processed with the new file, which is recorded again', async () => {
    const task = await makeUploaded(services, 'first')
    const second = await replace(task, 'second', 'image/png')
    await work()
    expect(await find(task.id)).toMatchObject({ status: 'queued', uploadEtag: second.etag, uploadSize: 6, failures: 0 })
    await work()
    expect(await find(task.id)).toMatchObject({ status: 'done', attempt: 2 })
    expect(String(await services.store.get(`${taskPrefix(task)}2/anonymized.png`))).toBe('anonymized second')
  })

  test.each([
    ['a larger file than allowed', 'x'.repeat(1001), 'image/png', 'IMAGE_DEFECT'],
    ['a file of another type', '<script>', 'text/html', 'CONTENT_TYPE_ERROR'],
  ])('gets no further by %s', async (_, content, type, failureCause) => {
    const task = await makeUploaded(services, 'first')
    await replace(task, content, type)
    await work()
    await work()
    expect(await find(task.id)).toMatchObject({ status: 'failed', failureCause })
  })
})

test('an outage of the store postpones the task and does not count against it', async () => {
  const task = await makeUploaded(services, 'photo')
  const put = vi.spyOn(services.store, 'put').mockRejectedValueOnce(new Error('503 Slow Down'))
  await work()
  put.mockRestore()
  expect(await find(task.id)).toMatchObject({ status: 'queued', failures: 0 })
  expect(await work()).toBe(false)
  expect((await find(task.id))?.status).toBe('queued')
  await pass(services, 11)
  await work()
  expect(await find(task.id)).toMatchObject({ status: 'done', attempt: 2 })
})

test('an engine without models postpones the task like an outage', async () => {
  const task = await makeUploaded(services, 'unfit')
  expect(await work()).toBe(false)
  expect(await find(task.id)).toMatchObject({ status: 'queued', failures: 0, attempt: 1 })
})

test('a worker that lost its lease stops, and leaves no files', async () => {
  const task = await makeUploaded(services, 'slow')
  const working = processNextTask(services, { ...SETTINGS, leaseSeconds: 0.4 }, never)
  await expect.poll(async () => (await find(task.id))?.status).toBe('processing')
  await services.db.query(`update tasks set lease_until = now() - interval '1 second'`)
  await retryExpired(services.db, 5, 10)
  await working
  expect(await find(task.id)).toMatchObject({ status: 'queued', failures: 1 })
  expect(await files(task)).toEqual([uploadKey(task)])
})

test('the results of a stale worker are discarded, those of the other one remain', async () => {
  const task = await makeUploaded(services, 'photo')
  const { put } = services.store
  const stolen = vi.spyOn(services.store, 'put').mockImplementationOnce(async (...content) => {
    const info = await put(...content)
    await services.db.query(`update tasks set lease_until = now() - interval '1 second'`)
    await retryExpired(services.db, 5, 10)
    await pass(services, 10)
    await processNextTask(services, { ...SETTINGS, owner: 'other' }, never)
    return info
  })
  await work()
  stolen.mockRestore()
  expect(await find(task.id)).toMatchObject({ status: 'done', attempt: 2 })
  const results = ['2/anonymized.png', '2/original', '2/preview.jpeg', 'original']
  expect(await files(task)).toEqual(results.map(name => taskPrefix(task) + name))
})

test('a task deleted during processing stays deleted', async () => {
  const task = await makeUploaded(services, 'slow')
  const working = processNextTask(services, { ...SETTINGS, leaseSeconds: 0.4 }, never)
  await expect.poll(async () => (await find(task.id))?.status).toBe('processing')
  await deleteTask(services.db, services.customerId, task.id)
  await services.store.deletePrefix(taskPrefix(task))
  await working
  expect((await find(task.id))?.status).toBe('deleted')
  expect(await files(task)).toEqual([])
})

test('a worker told to stop hands its task back', async () => {
  const task = await makeUploaded(services, 'slow')
  const stopping = new AbortController()
  const working = processNextTask(services, SETTINGS, stopping.signal)
  await expect.poll(async () => (await find(task.id))?.status).toBe('processing')
  stopping.abort()
  await working
  expect(await find(task.id)).toMatchObject({ status: 'queued', failures: 0 })
})

test('the method detect stores no image', async () => {
  const task = await makeUploaded(services, 'photo')
  const engine = {
    ...services.engine,
    anonymize: async () => ({ ...(await services.engine.anonymize(Buffer.from('x'), {} as never)), image: undefined }),
  }
  await processNextTask({ ...services, engine }, SETTINGS, never)
  expect(await find(task.id)).toMatchObject({ status: 'done', outputFormat: null })
  await expect(services.store.get(`${taskPrefix(task)}1/anonymized.png`)).rejects.toThrow(ObjectMissingError)
})
