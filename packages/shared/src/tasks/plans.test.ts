import { beforeAll, expect, test } from 'vitest'
import type { Db } from '../db/db.js'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { deleteExpired } from './files.js'
import { claimTask, countReady, retryExpired } from './lease.js'
import { selectTasks } from './operate.js'
import { findTask, listTasks } from './read.js'
import { removeDeleted } from './remove.js'
import { takeDueTasks } from './sweep.js'
import { makeCustomer } from './test/tasks.js'

// With a million rows on PostgreSQL 15, two cores: a page of 300 tasks in 1 to 6 ms, claim 4 ms,
// create 1 ms, each sweep query 1 to 2 ms.
const ROWS = 30_000
const FIRST = 1_790_000_000_000_000

onEachDatabase(db => {
  let customer: string
  let plan: string
  // Records the plan of each query of the function under test, and returns no rows.
  const explaining: Db = {
    query: async (sql, parameters) => {
      plan = JSON.stringify(await db.query(`explain ${sql}`, parameters))
      return []
    },
    transaction: work => work(explaining),
    close: async () => undefined,
  }

  beforeAll(async () => {
    await migrate(db)
    customer = await makeCustomer(db)
    const others = await Promise.all(Array.from({ length: 9 }, () => makeCustomer(db)))
    await db.query(
      `insert into tasks (id, customer_id, parameters, webhook_status, status, upload_expire_time, ready_time, claim_time, lease_until, due_time)
       select $1::bigint + n * 1000, (string_to_array($2, ','))[1 + n % 10]::uuid, '{}', 'empty',
         (array['done', 'done', 'failed', 'deleted', 'queued', 'new', 'processing'])[1 + n % 7],
         now(), now(), case when n % 7 < 4 then now() end, case when n % 7 = 6 then now() + interval '1 minute' end,
         case when n % 7 > 3 then now() + interval '1 hour' end
       from generate_series(1, ${ROWS}) as n`,
      [FIRST, [customer, ...others].join()],
    )
    await db.query('analyze tasks')
  })

  const middle = FIRST + (ROWS / 2) * 1000

  test.each<[string, () => Promise<unknown>]>([
    ['find', () => findTask(explaining, customer, middle)],
    ['list', () => listTasks(explaining, customer, { limit: 10 })],
    ['list from the middle', () => listTasks(explaining, customer, { limit: 10, after: middle })],
    ['list by status', () => listTasks(explaining, customer, { limit: 10, after: middle, status: 'failed' })],
    [
      'list by date',
      () => listTasks(explaining, customer, { limit: 10, createdFrom: new Date(middle / 1000), createdBefore: new Date() }),
    ],
    ['take due tasks', () => takeDueTasks(explaining, 10)],
    ['retry expired leases', () => retryExpired(explaining, 5, 10)],
    ['delete expired', () => deleteExpired(explaining, 36_500, 10)],
    [
      'count ready tasks',
      () => countReady({ query: async (...asked) => explaining.query(...asked).then(() => [{ ready: 0 }] as never) }, 3),
    ],
    ['select failed tasks', () => selectTasks(explaining, { status: 'failed', limit: 10 })],
    [
      'remove deleted',
      () =>
        removeDeleted({ query: async (...asked) => explaining.query(...asked).then(() => [{ removed: 0 }] as never) }, 365, 10),
    ],
    ['claim', () => claimTask(explaining, 'worker', 60)],
  ])('%s reads no whole table', async (_, query) => {
    await query()
    expect(plan).toMatch(/Index (Only )?Scan|Bitmap/)
    expect(plan).not.toContain('Seq Scan on tasks')
  })

  test('a page is read in the order of its index', async () => {
    await listTasks(explaining, customer, { limit: 10 })
    expect(plan).not.toContain('Sort')
  })
})
