/** What deletion takes, at once and with age. */
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { createTask } from './create.js'
import { deleteExpired, deleteTask } from './files.js'
import { completeTask, failTask } from './finish.js'
import { countTasksByDay, findTask, listTasks } from './read.js'
import { removeDeleted } from './remove.js'
import type { Task } from './task.js'
import { age, claim, makeCustomer, makeParameters, makeQueued, readTask, result, upload } from './test/tasks.js'

onEachDatabase(db => {
  let customer: string

  beforeAll(() => migrate(db))

  beforeEach(async () => {
    await db.query('truncate tasks, webhook_deliveries, removed_tasks cascade')
    customer = await makeCustomer(db)
  })

  describe('deletion', () => {
    test('takes a task away from its worker and drops the webhook', async () => {
      const { id } = await makeQueued(db, customer, { webhook: 'https://example.com/hook' })
      const { lease } = await claim(db)
      expect(await deleteTask(db, await makeCustomer(db), id)).toBeUndefined()
      expect(await deleteTask(db, customer, id)).toMatchObject({ status: 'deleted', deleteTime: expect.any(Date) })
      expect(await deleteTask(db, customer, id)).toBeUndefined()
      expect(await completeTask(db, lease, result)).toBeUndefined()
      expect(await db.query('select task_id from webhook_deliveries')).toEqual([])
    })

    test('of a done task removes its detections and warnings', async () => {
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

    test('by age spares tasks that are waiting or in progress', async () => {
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

    test('is removed with its row later, once its files are deleted; the counts stay', async () => {
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

    test('is removed once by several simultaneous sweepers', async () => {
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
})
