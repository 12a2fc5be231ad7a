/** Who works on a task, for how long, and what follows when that fails. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Db } from '../db/db.js'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { completeTask, failTask } from './finish.js'
import { claimTask, countReady, expireLeases, releaseTask, renewLease, retryExpired, retryTask } from './lease.js'
import { findTask } from './read.js'
import { age, claim, makeCustomer, makeQueued, result } from './test/tasks.js'

onEachDatabase(db => {
  let customer: string

  beforeAll(() => migrate(db))

  beforeEach(async () => {
    await db.query('truncate tasks, webhook_deliveries, removed_tasks cascade')
    customer = await makeCustomer(db)
  })

  describe('the lease', () => {
    test('goes to one worker per task', async () => {
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

    test("goes to a customer's only task soon, however many another customer has", async () => {
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

    test('is announced by counting the claimable tasks, no further than asked', async () => {
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
})

async function secondsUntilReady(db: Db, id: number): Promise<{ ready: number }> {
  const [row] = await db.query<{ ready: number }>(
    'select extract(epoch from ready_time - now())::double precision as ready from tasks where id = $1',
    [id],
  )
  return row
}
