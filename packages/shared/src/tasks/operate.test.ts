import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { type FileStore, openFileStore } from '../store/file-store.js'
import { completeTask, failTask } from './finish.js'
import { taskPrefix, uploadKey } from './keys.js'
import { claimTask } from './lease.js'
import { inspectTask, retryFailed, selectTasks } from './operate.js'
import { findTask } from './read.js'
import type { Task } from './task.js'
import { age, claim, makeCustomer, makeQueued, readTask } from './test/tasks.js'

onEachDatabase(db => {
  let folder: string
  let store: FileStore
  let customer: string

  beforeAll(async () => {
    await migrate(db)
    folder = await mkdtemp(join(tmpdir(), 'operate-'))
    store = await openFileStore(folder, () => '')
  })
  afterAll(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })
  beforeEach(async () => {
    await db.query('truncate tasks, webhook_deliveries cascade')
    customer = await makeCustomer(db)
  })

  const upload = (task: Task, type = 'image/png') => store.put(uploadKey(task), Buffer.from('photo'), type)

  /** A failed task whose file still exists. */
  async function makeFailed(changes: { webhook?: string } = {}): Promise<Task> {
    const task = await makeQueued(db, customer, changes)
    await upload(task)
    const { lease } = await claim(db)
    return (await failTask(db, lease, 'INTERNAL_ERROR', 'The engine crashed.'))!
  }

  describe('a list', () => {
    test('contains the requested tasks of all customers, newest first', async () => {
      const first = await makeFailed()
      const second = await makeFailed()
      const other = await makeCustomer(db)
      const third = await makeQueued(db, other)
      const ids = async (selection: object) => (await selectTasks(db, { limit: 10, ...selection })).map(({ id }) => id)
      expect(await ids({})).toEqual([third.id, second.id, first.id])
      expect(await ids({ limit: 2 })).toEqual([third.id, second.id])
      expect(await ids({ before: second.id })).toEqual([first.id])
      expect(await ids({ status: 'failed' })).toEqual([second.id, first.id])
      expect(await ids({ status: 'failed', cause: 'INTERNAL_ERROR', customer })).toEqual([second.id, first.id])
      expect(await ids({ cause: 'IMAGE_DEFECT' })).toEqual([])
      // Customers of these tests are named by their IDs.
      expect(await ids({ customer: other })).toEqual([third.id])
      await age(db, first.id, 3600)
      const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
      expect(await ids({ endedFrom: minutesAgo(30) })).toEqual([second.id])
      expect(await ids({ createdFrom: minutesAgo(30) })).toHaveLength(3)
      expect(await ids({ createdBefore: minutesAgo(30) })).toEqual([])
      expect((await selectTasks(db, { limit: 1, before: third.id }))[0]).toEqual({
        id: second.id,
        customer,
        status: 'failed',
        failureCause: 'INTERNAL_ERROR',
        failureReason: 'The engine crashed.',
        attempt: 1,
        createTime: new Date(second.id / 1000).toISOString(),
      })
    })
  })

  describe('one task', () => {
    test('shows its files, its webhook without secrets, and survives JSON', async () => {
      const { id } = await makeFailed({ webhook: 'https://example.com/hook?secret=1' })
      const task = (await inspectTask(db, store, id))!
      expect(task).toMatchObject({
        status: 'failed',
        customerId: customer,
        uploadSize: 1000,
        readyTime: null,
        lease: null,
        parameters: { face: true },
        webhook: { url: 'https://example.com/hook', status: 'set', tries: 0, nextTry: expect.any(String) },
        files: [{ key: `${customer}/${id}/original`, size: 5 }],
      })
      expect(JSON.stringify(task)).not.toContain('secret')
      expect(JSON.parse(JSON.stringify(task))).toEqual(task)
    })

    test('shows the worker that has it', async () => {
      const { id } = await makeQueued(db, customer)
      expect(await inspectTask(db, store, id)).toMatchObject({ readyTime: expect.any(String), webhook: null, files: [] })
      await claimTask(db, 'worker 7', 60)
      expect(await inspectTask(db, store, id)).toMatchObject({ lease: { owner: 'worker 7' }, readyTime: null })
    })

    test('that does not exist is undefined', async () => {
      expect(await inspectTask(db, store, 1)).toBeUndefined()
    })
  })

  describe('retrying a failed task', () => {
    test('queues it with the current file, and its webhook is sent again', async () => {
      const { id } = await makeFailed({ webhook: 'https://example.com/hook' })
      expect(await retryFailed(db, store, id)).toEqual({ id, queued: true })
      expect(await readTask(db, id)).toMatchObject({ status: 'queued', failures: 0, failure_cause: null, finish_time: null })
      expect(await db.query('select task_id from webhook_deliveries')).toEqual([])
      const { task, lease } = await claim(db)
      expect(task).toMatchObject({ id, attempt: 2, uploadSize: 5 })
      expect(await store.get(uploadKey(task), task.uploadEtag!)).toEqual(Buffer.from('photo'))
      await completeTask(db, lease, { outputWidth: 1, outputHeight: 1, detections: [], timings: {} })
      expect(await db.query('select task_id from webhook_deliveries')).toEqual([{ task_id: id }])
    })

    test('is done once, however many ask', async () => {
      const { id } = await makeFailed()
      const outcomes = await Promise.all([1, 2, 3].map(() => retryFailed(db, store, id)))
      expect(outcomes.filter(({ queued }) => queued)).toHaveLength(1)
    })

    test('is refused with the reason where it would fail again or is not possible', async () => {
      const refusal = async (id: number) => {
        const outcome = await retryFailed(db, store, id)
        return outcome.queued ? 'queued' : outcome.reason
      }
      expect(await refusal(1)).toBe('The task does not exist.')
      const gone = await makeFailed()
      await store.deletePrefix(taskPrefix(gone))
      expect(await refusal(gone.id)).toMatch(/^Its original no longer exists/)
      await upload(gone, 'text/html')
      expect(await refusal(gone.id)).toMatch(/not declared as JPEG or PNG/)
      expect((await findTask(db, customer, gone.id))?.status).toBe('failed')
      const waiting = await makeQueued(db, customer)
      expect(await refusal(waiting.id)).toBe('It is queued: only failed tasks can be retried.')
    })
  })
})
