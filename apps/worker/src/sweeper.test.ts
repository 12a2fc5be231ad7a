import {
  claimTask,
  deleteTask,
  detectUpload,
  findTask,
  listLooks,
  recordLook,
  setRetention,
  taskPrefix,
  uploadKey,
} from '@obscura/shared'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { processNextTask } from './process-task.js'
import { sweep } from './sweeper.js'
import { makeTask, makeUploaded, openServices, pass, type TestServices } from './test/services.js'

const CONFIG = { TASK_MAX_FAILURES: 2, RETENTION_DAYS: 0, TASK_ROWS_DAYS: 0, AUDIT_LOG_DAYS: 0 }
const SETTINGS = { owner: 'worker', leaseSeconds: 20, maxFailures: 2, uploadMaxBytes: 1000 }

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.close())
beforeEach(() => services.db.query('truncate tasks, webhook_deliveries cascade'))

const find = (id: number) => findTask(services.db, services.customerId, id)
const files = (task: { id: number; customerId: string }) => services.store.list(taskPrefix(task), 100)
const upload = (task: { id: number; customerId: string }, type = 'image/png') =>
  services.store.put(uploadKey(task), Buffer.from('photo'), type)
const work = () => processNextTask(services, SETTINGS, new AbortController().signal)

async function sweepAfter(seconds: number): Promise<void> {
  await pass(services, seconds)
  await sweep(services, CONFIG)
}

test('an upload that was not announced is detected, and a hint is sent', async () => {
  const hint = vi.spyOn(services.dispatcher, 'hint')
  const task = await makeTask(services)
  await sweepAfter(6)
  expect((await find(task.id))?.status).toBe('new')
  await upload(task)
  await sweepAfter(600)
  expect((await find(task.id))?.status).toBe('queued')
  expect(hint).toHaveBeenCalledExactlyOnceWith(task.id, 0)
  hint.mockRestore()
})

test('a task that waits for its start is not changed', async () => {
  const task = await makeTask(services, { start_on: 'start_request' })
  await upload(task)
  await detectUpload(services, task)
  await sweepAfter(10_000)
  expect(await find(task.id)).toMatchObject({ status: 'new', uploadTime: expect.any(Date) })
})

test('a task without an upload fails after its URL has expired', async () => {
  const task = await makeTask(services)
  await sweepAfter(3700)
  expect((await find(task.id))?.status).toBe('new')
  await sweepAfter(700)
  expect(await find(task.id)).toMatchObject({ status: 'failed', failureCause: 'TASK_FILE_DOESNT_EXIST' })
})

test('tasks of dead workers are retried, but not forever', async () => {
  const task = await makeUploaded(services, 'photo')
  await claimTask(services.db, 'dead', 20)
  await sweepAfter(21)
  expect(await find(task.id)).toMatchObject({ status: 'queued', failures: 1 })
  await pass(services, 10)
  await claimTask(services.db, 'dead', 20)
  await sweepAfter(21)
  expect(await find(task.id)).toMatchObject({ status: 'failed', failureCause: 'INTERNAL_ERROR' })
})

test('a file of a wrong type is deleted', async () => {
  const task = await makeTask(services)
  await upload(task, 'text/html')
  await detectUpload(services, task)
  expect(await files(task)).toHaveLength(1)
  await sweepAfter(1)
  expect(await find(task.id)).toMatchObject({ status: 'failed', failureCause: 'CONTENT_TYPE_ERROR' })
  expect(await files(task)).toEqual([])
})

test('a file uploaded to a deleted task is deleted too, while its URL is valid', async () => {
  const task = await makeUploaded(services, 'photo')
  await deleteTask(services.db, services.customerId, task.id)
  await sweepAfter(1)
  expect(await files(task)).toEqual([])
  await upload(task)
  await sweepAfter(60)
  expect(await files(task)).toHaveLength(1)
  await sweepAfter(3600 + 600)
  expect(await files(task)).toEqual([])
  await upload(task)
  await sweepAfter(100_000)
  // This cannot be an upload: the sweeper has finished with the task.
  expect(await files(task)).toHaveLength(1)
})

test('files of unsuccessful attempts are deleted, results and original are kept', async () => {
  const task = await makeUploaded(services, 'photo')
  await claimTask(services.db, 'dead', 20)
  const stray = `${taskPrefix(task)}1/anonymized.png`
  await services.store.put(stray, Buffer.from('half done'), 'image/png')
  await sweepAfter(21)
  await pass(services, 10)
  await work()
  expect(await files(task)).toContain(stray)
  await sweepAfter(301)
  expect(await files(task)).toEqual(['anonymized.png', 'original', 'preview.jpeg'].map(name => `${taskPrefix(task)}2/${name}`))
})

test('files and detections are deleted after the retention time', async () => {
  const done = await makeUploaded(services, 'photo')
  await work()
  const waiting = await makeUploaded(services, 'photo')
  await services.db.query(`update tasks set id = id - 25 * 3600 * 1000000::bigint where id = $1`, [done.id])
  const old = { ...done, id: done.id - 25 * 3_600_000_000 }
  await services.store.put(uploadKey(old), Buffer.from('photo'), 'image/png')
  await sweep(services, { ...CONFIG, RETENTION_DAYS: 2 })
  expect((await find(old.id))?.status).toBe('done')
  await sweep(services, { ...CONFIG, RETENTION_DAYS: 1 })
  expect((await find(old.id))?.status).toBe('deleted')
  expect(await files(old)).toEqual([])
  expect((await find(waiting.id))?.status).toBe('queued')
})

test('a customer with a shorter retention has its files deleted earlier, and nobody else', async () => {
  const done = await makeUploaded(services, 'photo')
  await work()
  await services.db.query(`update tasks set id = id - 25 * 3600 * 1000000::bigint where id = $1`, [done.id])
  const old = { ...done, id: done.id - 25 * 3_600_000_000 }
  const sweepWith = async (days: number | null) => {
    await setRetention(services.db, services.customerId, days)
    await sweep(services, { ...CONFIG, RETENTION_DAYS: 90 })
    return (await find(old.id))?.status
  }
  expect([await sweepWith(null), await sweepWith(2), await sweepWith(1)]).toEqual(['done', 'done', 'deleted'])
})

test('rows of deleted tasks are removed after their time, files first', async () => {
  const task = await makeUploaded(services, 'photo')
  await deleteTask(services.db, services.customerId, task.id)
  await pass(services, 2 * 86_400)
  await upload(task)
  await sweep(services, { ...CONFIG, TASK_ROWS_DAYS: 3 })
  expect((await find(task.id))?.status).toBe('deleted')
  await sweep(services, { ...CONFIG, TASK_ROWS_DAYS: 1 })
  expect(await find(task.id)).toBeUndefined()
  expect(await files(task)).toEqual([])
})

test('a task that fails to be swept does not hold up the others', async () => {
  const tasks = [await makeTask(services), await makeTask(services), await makeTask(services)]
  for (const task of tasks) await upload(task)
  const { head } = services.store
  const failing = vi.spyOn(services.store, 'head').mockImplementation(async key => {
    if (key === uploadKey(tasks[0])) throw new Error('503 Slow Down')
    return head(key)
  })
  await sweepAfter(10)
  failing.mockRestore()
  expect((await find(tasks[0].id))?.status).toBe('new')
  expect((await find(tasks[2].id))?.status).toBe('queued')
  await sweepAfter(20)
  expect((await find(tasks[0].id))?.status).toBe('queued')
})

test('entries of the audit log are removed after AUDIT_LOG_DAYS, if that is set', async () => {
  const { db, customerId } = services
  const look = (taskId: number) =>
    recordLook(db, { action: 'original', customerId, userId: customerId, username: 'x', taskId, address: '192.0.2.1' })
  for (const taskId of [1, 2]) await look(taskId)
  await db.query(`update audit_log set time = time - interval '3 days'`)
  await look(3)
  const left = async () => (await listLooks(db, { limit: 10 })).map(({ taskId }) => taskId)
  await sweep(services, CONFIG)
  await sweep(services, { ...CONFIG, AUDIT_LOG_DAYS: 4 })
  expect(await left()).toEqual([3, 2, 1])
  await sweep(services, { ...CONFIG, AUDIT_LOG_DAYS: 2 })
  expect(await left()).toEqual([3])
})
