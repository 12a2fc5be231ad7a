import { setTimeout as sleep } from 'node:timers/promises'
import { createInProcessDispatcher, createLogger, createReserve, findTask, freeDisk } from '@obscura/shared'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeUploaded, openServices, type TestServices } from './test/services.js'
import { startWorker, type WorkerConfig } from './worker.js'

const CONFIG: WorkerConfig = {
  ENGINE_PROCESSES: 2,
  TASK_LEASE_SECONDS: 20,
  TASK_MAX_FAILURES: 5,
  UPLOAD_MAX_MB: 1,
  DRAIN_SECONDS: 30,
  MIN_FREE_MEMORY_MB: 0,
  RETENTION_DAYS: 0,
  TASK_ROWS_DAYS: 0,
  AUDIT_LOG_DAYS: 0,
  WEBHOOK_ALLOW_PRIVATE: false,
  WEBHOOK_ON_FAILED: false,
  WEBHOOK_SECRET: undefined,
}

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.close())
beforeEach(() => services.db.query('truncate tasks, webhook_deliveries cascade'))

const status = async (id: number) => (await findTask(services.db, services.customerId, id))?.status

test('tasks queued before and after the start are done', async () => {
  const before = await makeUploaded(services, 'one')
  const worker = await startWorker(services, CONFIG)
  const after = await makeUploaded(services, 'two')
  await expect.poll(async () => [await status(before.id), await status(after.id)]).toEqual(['done', 'done'])
  await worker.stop()
})

test('tasks without a hint are processed too', async () => {
  const worker = await startWorker(services, CONFIG)
  // As if from another process, without Redis.
  const elsewhere = { ...services, dispatcher: createInProcessDispatcher(services.log) }
  const tasks = [await makeUploaded(elsewhere, 'one'), await makeUploaded(elsewhere, 'two')]
  for (const { id } of tasks) await expect.poll(() => status(id)).toBe('done')
  await worker.stop()
})

test('a worker without models is not ready until an image succeeds', async () => {
  const worker = await startWorker(services, CONFIG)
  try {
    await worker.check()
    const unfit = await makeUploaded(services, 'unfit')
    const problem = () => worker.check().catch(error => error)
    await expect.poll(problem).toMatchObject({ childEnd: 'unfit' })
    expect(await status(unfit.id)).not.toBe('failed')
    const after = await makeUploaded(services, 'photo')
    await expect.poll(() => status(after.id)).toBe('done')
    await worker.check()
  } finally {
    await worker.stop()
  }
})

describe('a worker that is short of', () => {
  const disk = createReserve(
    { resource: 'disk', bytes: 1e18, measure: () => freeDisk('/'), setting: 'MIN_FREE_DISK_MB' },
    createLogger('silent'),
  )

  test.each([
    ['memory', {}, { MIN_FREE_MEMORY_MB: 1e9 }, /MB of memory are free; MIN_FREE_MEMORY_MB reserves/],
    ['disk', { disk }, {}, /MB of disk are free; MIN_FREE_DISK_MB reserves/],
  ])('%s takes no task, and says so; another one does', async (_, more, settings, reason) => {
    const short = await startWorker({ ...services, ...more }, { ...CONFIG, ...settings })
    const task = await makeUploaded(services, 'one')
    await expect(short.check()).rejects.toThrow(reason)
    await sleep(1500)
    expect(await status(task.id)).toBe('queued')
    await short.stop()
    const worker = await startWorker(services, CONFIG)
    await expect.poll(() => status(task.id)).toBe('done')
    await worker.stop()
  })

  test('disk space continues when there is space again', async () => {
    let free = 0
    const reserve = createReserve(
      { resource: 'disk', bytes: 1000, measure: async () => free, setting: 'MIN_FREE_DISK_MB' },
      services.log,
    )
    const worker = await startWorker({ ...services, disk: reserve }, CONFIG)
    const task = await makeUploaded(services, 'one')
    await sleep(700)
    expect(await status(task.id)).toBe('queued')
    // Half of the reserve is for results of accepted uploads.
    free = 500
    await expect.poll(() => status(task.id)).toBe('done')
    await worker.check()
    await worker.stop()
  })
})

test('a stopping worker finishes its tasks, takes no more, and does not exceed the time limit', async () => {
  const slow = await makeUploaded(services, 'slow')
  const worker = await startWorker(services, { ...CONFIG, DRAIN_SECONDS: 1 })
  await expect.poll(() => status(slow.id)).toBe('processing')
  const stopping = worker.stop()
  const late = await makeUploaded(services, 'late')
  await stopping
  expect(await status(slow.id)).toBe('queued')
  expect(await status(late.id)).toBe('queued')
})
