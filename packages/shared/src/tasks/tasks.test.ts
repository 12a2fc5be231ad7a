import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { createTask } from './create.js'
import { completeTask, failMissingUpload, failNewTask, failTask } from './finish.js'
import { claimTask } from './lease.js'
import { countTasksByDay, findDetections, findTask, listTasks } from './read.js'
import { takeDueTasks } from './sweep.js'
import { age, claim, makeCustomer, makeParameters, makeQueued, result, upload } from './test/tasks.js'
import { markUploaded } from './upload.js'

onEachDatabase(db => {
  let customer: string

  beforeAll(() => migrate(db))

  beforeEach(async () => {
    await db.query('truncate tasks, webhook_deliveries, removed_tasks cascade')
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

    test('that never comes fails the task, once its URL has expired and a slow upload could be over', async () => {
      const { id } = await createTask(db, customer, makeParameters(), 3600)
      await age(db, id, 3600 + 590)
      expect(await failMissingUpload(db, id)).toBeUndefined()
      await age(db, id, 20)
      expect(await failMissingUpload(db, id)).toMatchObject({ status: 'failed', failureCause: 'TASK_FILE_DOESNT_EXIST' })
    })
  })

  describe('the end', () => {
    test('records detections and results', async () => {
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
        models: result.models,
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

  describe('the sweep', () => {
    test('looks at new tasks at growing intervals', async () => {
      const { id } = await createTask(db, customer, makeParameters(), 3600)
      expect(await takeDueTasks(db, 10)).toEqual([])
      await age(db, id, 6)
      expect(await takeDueTasks(db, 10)).toMatchObject([{ id, status: 'new' }])
      expect(await takeDueTasks(db, 10)).toEqual([])
    })

    test('gives each task to one sweeper, and spares those that wait or are in progress', async () => {
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
