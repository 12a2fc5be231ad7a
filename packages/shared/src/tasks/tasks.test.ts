import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Db } from '../db/db.js'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { createTask } from './create.js'
import { deleteExpired, deleteTask } from './files.js'
import { completeTask, failMissingUpload, failNewTask, failTask } from './finish.js'
import { claimTask, countReady, expireLeases, releaseTask, renewLease, retryExpired, retryTask } from './lease.js'
import { countTasksByDay, findDetections, findTask, listTasks } from './read.js'
import { removeDeleted } from './remove.js'
import { takeDueTasks } from './sweep.js'
import type { Task } from './task.js'
import { age, claim, makeCustomer, makeParameters, makeQueued, readTask, upload } from './test/tasks.js'
import { markUploaded } from './upload.js'

const result = {
  outputFormat: 'jpeg' as const,
  outputWidth: 640,
  outputHeight: 480,
  detections: [{ class: 'face' as const, score: 0.9, box: [1, 2, 3, 4] as const, anonymised: true }],
  timings: { detect: 12.5 },
  warnings: ['The image is truncated.'],
}

onEachDatabase(db => {
  let customer: string

  beforeAll(() => migrate(db))

  beforeEach(async () => {
    await db.query('truncate tasks, webhook_deliveries, removed_tasks')
    customer = await makeCustomer(db)
  })

  describe('ids', () => {
    test('are the creation time in microseconds, unique when many tasks are created at once', async () => {
      const before = Date.now()
      const tasks = await Promise.all(Array.from({ length: 200 }, () => createTask(db, customer, makeParameters(), 3600)))
      const ids = tasks.map(task => task.id).sort((a, b) => a - b)
      expect(new Set(ids).size).toBe(200)
      expect(ids[0]).toBeGreaterThanOrEqual(before * 1000 - 1_000_000)
      expect(ids[199]).toBeLessThan(Date.now() * 1000 + 1_000_000)
    })

    test('move to the next free microsecond when the clock stands still', async () => {
      await db.query('create schema standstill')
      await db.query(
        `create function standstill.clock_timestamp() returns timestamptz language sql as $$ select '2026-01-01T00:00:00.000007Z'::timestamptz $$`,
      )
      const ids = await db.transaction(async tx => {
        await tx.query('set local search_path = standstill, pg_catalog, public')
        const created = []
        for (let n = 0; n < 3; n++) created.push((await createTask(tx, customer, makeParameters(), 3600)).id)
        return created
      })
      const instant = Date.UTC(2026, 0, 1) * 1000 + 7
      expect(ids).toEqual([instant, instant + 1, instant + 2])
    })
  })

  describe('upload', () => {
    test('queues a task once, however often it is noticed', async () => {
      const { id } = await createTask(db, customer, makeParameters(), 3600)
      const marked = await Promise.all([1, 2, 3].map(() => markUploaded(db, id, upload)))
      expect(marked.filter(Boolean)).toHaveLength(1)
      expect(await findTask(db, customer, id)).toMatchObject({
        status: 'queued',
        uploadSize: 1000,
        uploadType: 'image/jpeg',
        uploadEtag: 'first',
      })
      expect(await markUploaded(db, id, { ...upload, etag: 'second' })).toBeUndefined()
      expect((await findTask(db, customer, id))?.uploadEtag).toBe('first')
    })

    test('leaves a task new that waits for its start, and may then be replaced', async () => {
      const { id } = await createTask(db, customer, makeParameters({ start_on: 'start_request' }), 3600)
      expect(await markUploaded(db, id, upload)).toMatchObject({ status: 'new', uploadEtag: 'first' })
      expect(await markUploaded(db, id, { ...upload, etag: 'second' })).toMatchObject({ status: 'new', uploadEtag: 'second' })
      expect(await claimTask(db, 'worker', 60)).toBeUndefined()
    })

    test.each([
      ['image/png', 'queued'],
      [undefined, 'queued'],
      ['application/octet-stream', 'queued'],
      ['application/x-www-form-urlencoded', 'queued'],
      ['text/html', 'failed'],
      ['multipart/form-data; boundary=x', 'failed'],
    ])('of type %s makes the task %s', async (contentType, status) => {
      const { id } = await createTask(db, customer, makeParameters(), 3600)
      expect(await markUploaded(db, id, { ...upload, contentType })).toMatchObject({
        status,
        failureCause: status === 'failed' ? 'CONTENT_TYPE_ERROR' : null,
      })
    })

    test('that never comes fails the task, once its URL has ended and a slow upload could be over', async () => {
      const { id } = await createTask(db, customer, makeParameters(), 3600)
      await age(db, id, 3600 + 590)
      expect(await failMissingUpload(db, id)).toBeUndefined()
      await age(db, id, 20)
      expect(await failMissingUpload(db, id)).toMatchObject({ status: 'failed', failureCause: 'TASK_FILE_DOESNT_EXIST' })
    })
  })

  describe('the lease', () => {
    test('goes to one worker a task', async () => {
      await Promise.all(Array.from({ length: 10 }, () => makeQueued(db, customer)))
      const claimed = await Promise.all(Array.from({ length: 15 }, (_, n) => claimTask(db, `worker ${n}`, 60)))
      const ids = claimed.flatMap(task => task?.id ?? [])
      expect(new Set(ids).size).toBe(ids.length)
      // Two workers may see the same task, and one of them gets nothing; later ones find the rest.
      while (await claimTask(db, 'late', 60)) ids.push(0)
      expect(ids).toHaveLength(10)
    })

    test('goes to customers in turn', async () => {
      const other = await makeCustomer(db)
      const owners = new Map([
        [customer, 'many'],
        [other, 'few'],
      ])
      for (let n = 0; n < 5; n++) await makeQueued(db, customer)
      for (let n = 0; n < 2; n++) await makeQueued(db, other)
      const turns: unknown[] = []
      for (let n = 0; n < 7; n++) turns.push(owners.get((await claim(db)).task.customerId))
      expect(turns.slice(0, 4).filter(name => name === 'few')).toHaveLength(2)
      expect(turns.slice(4)).toEqual(['many', 'many', 'many'])
    })

    test('comes to one task of a customer soon, however many another has', async () => {
      await db.query(
        `insert into tasks (id, customer_id, parameters, webhook_status, status, upload_expire_time, ready_time)
         select n, $1, '{}', 'empty', 'queued', now(), now() from generate_series(1, 10000) as n`,
        [customer],
      )
      for (let n = 0; n < 3; n++) await claim(db)
      const other = await makeCustomer(db)
      const { id } = await makeQueued(db, other)
      expect((await claim(db)).task.id).toBe(id)
      expect((await claim(db)).task.customerId).toBe(customer)
    })

    test('can be asked for when there is something to claim, counted no further than asked', async () => {
      expect(await countReady(db, 2)).toBe(0)
      for (let n = 0; n < 3; n++) await makeQueued(db, customer)
      expect([await countReady(db, 2), await countReady(db, 10)]).toEqual([2, 3])
      const { lease } = await claim(db)
      await releaseTask(db, lease, 10)
      expect(await countReady(db, 10)).toBe(2)
    })

    test("gives a customer's oldest task first", async () => {
      const tasks = []
      for (let n = 0; n < 3; n++) tasks.push((await makeQueued(db, customer)).id)
      expect([(await claim(db)).task.id, (await claim(db)).task.id, (await claim(db)).task.id]).toEqual(tasks)
    })

    test('is renewed by its holder alone', async () => {
      await makeQueued(db, customer)
      const { lease } = await claim(db)
      expect(await renewLease(db, lease, 60, 0.5)).toBe(true)
      expect(await renewLease(db, { ...lease, owner: 'other' }, 60, 0.5)).toBe(false)
      expect(await renewLease(db, { ...lease, attempt: 0 }, 60, 0.5)).toBe(false)
      expect((await findTask(db, customer, lease.taskId))?.progress).toBe(0.5)
    })

    test('that has expired returns the task to the queue, and its former holder can do nothing more', async () => {
      await makeQueued(db, customer)
      const { task, lease } = await claim(db)
      expect(await retryExpired(db, 3, 10)).toEqual([])
      await age(db, task.id, 61)
      expect(await retryExpired(db, 3, 10)).toMatchObject([{ id: task.id, status: 'queued', failures: 1 }])
      await refused(lease)
      await age(db, task.id, 10)
      const second = await claim(db, 'second')
      expect(second.task).toMatchObject({ id: task.id, attempt: 2 })
      await refused(lease)
      expect(await completeTask(db, second.lease, result)).toMatchObject({ status: 'done' })
      await refused(lease)
    })

    test('of every worker can be ended at once', async () => {
      await makeQueued(db, customer)
      const { lease } = await claim(db)
      await expireLeases(db)
      expect(await retryExpired(db, 3, 10)).toMatchObject([{ id: lease.taskId, status: 'queued' }])
      await refused(lease)
    })

    test('handed back does not count against the task', async () => {
      await makeQueued(db, customer)
      const { task, lease } = await claim(db)
      expect(await releaseTask(db, lease, 10)).toMatchObject({ status: 'queued', failures: 0 })
      expect(await claimTask(db, 'worker', 60)).toBeUndefined()
      await age(db, task.id, 11)
      expect((await claim(db)).task).toMatchObject({ id: task.id, attempt: 2, failures: 0 })
    })

    async function refused(lease: Parameters<typeof completeTask>[1]): Promise<void> {
      expect(await renewLease(db, lease, 60, 1)).toBe(false)
      expect(await completeTask(db, lease, result)).toBeUndefined()
      expect(await failTask(db, lease, 'IMAGE_DEFECT', 'stale')).toBeUndefined()
      expect(await retryTask(db, lease, 3, 'stale')).toBeUndefined()
      expect(await releaseTask(db, lease, 0)).toBeUndefined()
    }
  })

  describe('an attempt that fails', () => {
    test('is retried after growing pauses and ends as INTERNAL_ERROR', async () => {
      const { id } = await makeQueued(db, customer, { webhook: 'https://example.com/hook' })
      for (const pause of [1, 2]) {
        const { lease } = await claim(db)
        expect(await retryTask(db, lease, 3, 'The engine crashed.')).toMatchObject({ status: 'queued', failureCause: null })
        const { ready } = await secondsUntilReady(db, id)
        expect(ready).toBeGreaterThan(pause - 0.9)
        expect(ready).toBeLessThanOrEqual(pause)
        await age(db, id, pause)
      }
      const { lease } = await claim(db)
      expect(await retryTask(db, lease, 3, 'The engine crashed.')).toMatchObject({
        status: 'failed',
        failureCause: 'INTERNAL_ERROR',
        failureReason: 'The engine crashed.',
      })
      expect(await db.query('select task_id from webhook_deliveries')).toEqual([{ task_id: id }])
      await age(db, id, 10_000)
      expect(await claimTask(db, 'worker', 60)).toBeUndefined()
    })
  })

  describe('the end', () => {
    test('keeps what was found and made', async () => {
      const { id } = await makeQueued(db, customer)
      expect(await findDetections(db, customer, id)).toBeUndefined()
      const { lease } = await claim(db)
      await completeTask(db, lease, result)
      expect(await findTask(db, customer, id)).toMatchObject({
        status: 'done',
        progress: 1,
        outputFormat: 'jpeg',
        outputWidth: 640,
        timings: { detect: 12.5 },
        warnings: ['The image is truncated.'],
      })
      expect(await findDetections(db, customer, id)).toEqual(result.detections)
    })

    test('comes once, and queues the webhook with it', async () => {
      const { id } = await makeQueued(db, customer, { webhook: 'https://example.com/hook' })
      const { lease } = await claim(db)
      const ends = await Promise.all([
        completeTask(db, lease, result),
        failTask(db, lease, 'IMAGE_DEFECT', 'no'),
        completeTask(db, lease, result),
      ])
      expect(ends.filter(Boolean)).toHaveLength(1)
      expect(await failNewTask(db, id, 'IMAGE_DEFECT', 'no')).toBeUndefined()
      expect(await db.query('select task_id from webhook_deliveries')).toEqual([{ task_id: id }])
    })

    test('of a task without webhook queues none', async () => {
      await makeQueued(db, customer)
      await completeTask(db, (await claim(db)).lease, result)
      expect(await db.query('select task_id from webhook_deliveries')).toEqual([])
    })
  })

  describe('deletion', () => {
    test('takes a task from its worker and drops the webhook', async () => {
      const { id } = await makeQueued(db, customer, { webhook: 'https://example.com/hook' })
      const { lease } = await claim(db)
      expect(await deleteTask(db, await makeCustomer(db), id)).toBeUndefined()
      expect(await deleteTask(db, customer, id)).toMatchObject({ status: 'deleted', deleteTime: expect.any(Date) })
      expect(await deleteTask(db, customer, id)).toBeUndefined()
      expect(await completeTask(db, lease, result)).toBeUndefined()
      expect(await db.query('select task_id from webhook_deliveries')).toEqual([])
    })

    test('of a done task takes what was found in its image and said of it', async () => {
      const { id } = await makeQueued(db, customer, { webhook: 'https://example.com/hook' })
      await completeTask(db, (await claim(db)).lease, result)
      await deleteTask(db, customer, id)
      expect(await readTask(db, id)).toMatchObject({ detections: null, status: 'deleted' })
      expect(await findTask(db, customer, id)).toMatchObject({
        warnings: [],
        timings: null,
        outputWidth: null,
        outputHeight: null,
      })
      expect(await db.query('select task_id from webhook_deliveries')).toEqual([])
    })

    test('by age leaves alone what is waiting or at work', async () => {
      const waiting = await makeQueued(db, customer)
      const { task } = await claim(db)
      await makeQueued(db, customer)
      const idle = await createTask(db, customer, makeParameters(), 3600)
      expect(task.id).toBe(waiting.id)
      // The embedded database's clock counts milliseconds.
      await sleep(5)
      const expired = await deleteExpired(db, 0, 10)
      expect(expired.map(({ id }) => id)).toEqual([idle.id])
      expect(await deleteExpired(db, 1, 10)).toEqual([])
    })
  })

  describe('what a deleted task leaves in the database', () => {
    const SECRET = 'Hunter2'
    const personal = {
      name: `Street of ${SECRET}`,
      webhook: `https://example.com/hook?token=${SECRET}`,
      ignores: `[{"note": "${SECRET}"}]`,
    }

    async function makeFailed(): Promise<Task> {
      await makeQueued(db, customer, personal, { ...upload, contentType: `image/png; name="${SECRET}.png"`, etag: SECRET })
      return (await failTask(db, (await claim(db)).lease, 'IMAGE_DEFECT', `The file was declared as ${SECRET}.`))!
    }

    async function everything(): Promise<string> {
      const tables = await db.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public'`)
      const rows = await Promise.all(tables.map(({ name }) => db.query(`select * from ${name}`)))
      return JSON.stringify(rows)
    }

    test.each<[string, (id: number) => Promise<unknown>]>([
      ['on request', id => deleteTask(db, customer, id)],
      ['by age', () => sleep(5).then(() => deleteExpired(db, 0, 10))],
    ])('%s: nothing that identifies anybody or a file, and no webhook to send', async (_, remove) => {
      const { id } = await makeFailed()
      expect(await everything()).toContain(SECRET)
      await remove(id)
      expect(await everything()).not.toContain(SECRET)
      expect(await db.query('select task_id from webhook_deliveries')).toEqual([])
      expect(await findTask(db, customer, id)).toMatchObject({
        status: 'deleted',
        failureCause: 'IMAGE_DEFECT',
        parameters: { ...makeParameters(), name: null, webhook: null, ignores: '' },
      })
    })

    const days = (count: number) => count * 86_400

    test('goes with its row later, once its files are cleared away; the counts stay', async () => {
      const today = new Date().toISOString().slice(0, 10)
      const counts = () => countTasksByDay(db, customer, new Date(`${today}T00:00:00Z`), new Date(Date.now() + 86_400_000))
      const tasks = [await makeFailed(), await makeFailed(), await makeFailed(), await makeFailed()]
      for (const { id } of tasks.slice(0, 3)) await deleteTask(db, customer, id)
      const before = await counts()
      expect(before).toEqual([
        { day: today, status: 'deleted', count: 3 },
        { day: today, status: 'failed', count: 1 },
      ])
      await age(
        db,
        tasks.map(({ id }) => id),
        days(31),
      )
      // The third one still has files.
      const swept = tasks.filter((_, index) => index !== 2).map(({ id }) => id)
      await db.query('update tasks set due_time = null where id = any($1)', [swept])

      expect(await removeDeleted(db, 32, 10)).toBe(0)
      expect(await removeDeleted(db, 30, 1)).toBe(1)
      expect(await removeDeleted(db, 30, 10)).toBe(1)
      expect(await removeDeleted(db, 30, 10)).toBe(0)
      expect(await counts()).toEqual(before)
      expect((await listTasks(db, customer, { limit: 10 })).map(({ id }) => id)).toEqual([tasks[2].id, tasks[3].id])
      expect(await countTasksByDay(db, customer, new Date(0), new Date(`${today}T00:00:00Z`))).toEqual([])
    })

    test('is removed once by several sweepers at a time', async () => {
      const tasks = [await makeFailed(), await makeFailed(), await makeFailed()]
      for (const { id } of tasks) await deleteTask(db, customer, id)
      await age(
        db,
        tasks.map(({ id }) => id),
        days(2),
      )
      await db.query('update tasks set due_time = null')
      const removed = await Promise.all(Array.from({ length: 5 }, () => removeDeleted(db, 1, 2)))
      expect(removed.reduce((sum, count) => sum + count)).toBe(3)
      expect((await countTasksByDay(db, customer, new Date(0), new Date(Date.now() + 86_400_000)))[0].count).toBe(3)
    })
  })

  describe('the sweep', () => {
    test('looks at new tasks at growing intervals', async () => {
      const { id } = await createTask(db, customer, makeParameters(), 3600)
      expect(await takeDueTasks(db, 10)).toEqual([])
      await age(db, id, 6)
      expect(await takeDueTasks(db, 10)).toMatchObject([{ id, status: 'new' }])
      expect(await takeDueTasks(db, 10)).toEqual([])
    })

    test('gives each task to one sweeper, and leaves those that wait or are at work alone', async () => {
      const { id } = await createTask(db, customer, makeParameters(), 3600)
      await age(db, id, 11)
      const taken = await Promise.all([takeDueTasks(db, 10), takeDueTasks(db, 10)])
      expect(taken.flat()).toMatchObject([{ id, status: 'new' }])
      await markUploaded(db, id, upload)
      await age(db, id, 10_000)
      expect(await takeDueTasks(db, 10)).toEqual([])
      await claim(db)
      await age(db, id, 100)
      expect(await takeDueTasks(db, 10)).toEqual([])
    })
  })

  describe('reading', () => {
    test("shows nobody another customer's tasks", async () => {
      const { id } = await makeQueued(db, customer)
      const other = await makeCustomer(db)
      expect(await findTask(db, other, id)).toBeUndefined()
      expect(await listTasks(db, other, { limit: 10 })).toEqual([])
    })

    test('pages through tasks by id, time and status', async () => {
      const ids: number[] = []
      for (let n = 0; n < 5; n++) ids.push((await createTask(db, customer, makeParameters(), 3600)).id)
      await markUploaded(db, ids[1], upload)
      const list = async (filter: Partial<Parameters<typeof listTasks>[2]>) =>
        (await listTasks(db, customer, { limit: 10, ...filter })).map(task => task.id)
      expect(await list({ limit: 2 })).toEqual(ids.slice(0, 2))
      expect(await list({ limit: 2, after: ids[1] })).toEqual(ids.slice(2, 4))
      expect(await list({ status: 'queued' })).toEqual([ids[1]])
      expect(await list({ status: 'new', after: ids[0] })).toEqual(ids.slice(2))
      expect(await list({ createdFrom: new Date(Date.now() + 60_000) })).toEqual([])
      expect(await list({ createdFrom: new Date(Date.now() - 60_000), createdBefore: new Date(Date.now() + 60_000) })).toEqual(
        ids,
      )
      expect(await list({ createdBefore: new Date(Date.now() - 60_000) })).toEqual([])
    })

    test('counts tasks by day and status', async () => {
      for (let n = 0; n < 3; n++) await createTask(db, customer, makeParameters(), 3600)
      await makeQueued(db, customer)
      const day = new Date().toISOString().slice(0, 10)
      const counts = await countTasksByDay(db, customer, new Date(`${day}T00:00:00Z`), new Date(Date.now() + 86_400_000))
      expect(counts).toEqual([
        { day, status: 'new', count: 3 },
        { day, status: 'queued', count: 1 },
      ])
    })
  })
})

async function secondsUntilReady(db: Db, id: number): Promise<{ ready: number }> {
  const [row] = await db.query<{ ready: number }>(
    'select extract(epoch from ready_time - now())::double precision as ready from tasks where id = $1',
    [id],
  )
  return row
}
