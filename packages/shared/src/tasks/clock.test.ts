import { beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { followClock } from './clock.js'
import { createTask } from './create.js'
import { completeTask, failMissingUpload } from './finish.js'
import { releaseTask, retryExpired } from './lease.js'
import { claim, makeCustomer, makeParameters, makeQueued } from './test/tasks.js'

const RESULT = { outputWidth: 1, outputHeight: 1, detections: [], timings: {} }

onEachDatabase(db => {
  let customer: string
  beforeAll(() => migrate(db))
  beforeEach(async () => {
    await db.query('truncate tasks, webhook_deliveries cascade')
    await db.query('update clock set last_time = now()')
    customer = await makeCustomer(db)
  })

  /** Setting the clock is equivalent to moving all stored times the other way. */
  const setClock = async (seconds: number) => {
    await db.query('update clock set last_time = last_time - make_interval(secs => $1)', [seconds])
    await db.query(
      `update tasks set
         id = id - 1000000::bigint * $1::bigint,
         upload_expire_time = upload_expire_time - make_interval(secs => $1),
         ready_time = ready_time - make_interval(secs => $1),
         claim_time = claim_time - make_interval(secs => $1),
         lease_until = lease_until - make_interval(secs => $1),
         due_time = due_time - make_interval(secs => $1)`,
      [seconds],
    )
    await db.query('update webhook_deliveries set due_time = due_time - make_interval(secs => $1)', [seconds])
  }

  test('time that passes as usual moves nothing', async () => {
    await setClock(50)
    expect(await followClock(db)).toBe(0)
    await setClock(20)
    expect(await followClock(db)).toBe(0)
  })

  test('ahead by two hours: no lease is lost, no upload too late', async () => {
    const waiting = await createTask(db, customer, makeParameters(), 3600)
    await makeQueued(db, customer)
    const { lease } = await claim(db, 'worker', 20)
    await setClock(7200)
    expect(await followClock(db)).toBeCloseTo(7200, -1)
    expect(await retryExpired(db, 5, 10)).toEqual([])
    expect(await failMissingUpload(db, waiting.id - 7200_000_000)).toBeUndefined()
    expect(await completeTask(db, { ...lease, taskId: lease.taskId - 7200_000_000 }, RESULT)).toMatchObject({ status: 'done' })
    expect(await followClock(db)).toBe(0)
  })

  test('ahead: what was planned since the clock jumped stays as it is', async () => {
    await setClock(3600)
    const fresh = await createTask(db, customer, makeParameters(), 3600)
    await makeQueued(db, customer)
    await claim(db, 'worker', 20)
    const plans = () => db.query('select lease_until, upload_expire_time, due_time from tasks order by id')
    const before = await plans()
    await followClock(db)
    expect(await plans()).toEqual(before)
    expect(fresh.status).toBe('new')
  })

  test.each([
    ['an hour back', [-3600], 1],
    ['ahead, and back by more', [3600, -7200], 1],
    ['ahead, and back before anybody saw it', [3600, -3610], 2],
  ])('%s: nothing waits for that hour', async (_, jumps, unseen) => {
    await makeQueued(db, customer)
    await makeQueued(db, customer)
    await makeQueued(db, customer)
    await releaseTask(db, (await claim(db)).lease, 10)
    await claim(db, 'dead', 20)
    await createTask(db, customer, makeParameters(), 3600)
    for (const [n, seconds] of jumps.entries()) {
      await setClock(seconds)
      if (n >= unseen - 1) expect(Math.sign(await followClock(db))).toBe(Math.sign(seconds))
    }
    const waits = await db.query<{ seconds: number }>(
      'select extract(epoch from coalesce(lease_until, due_time, ready_time) - now())::float as seconds from tasks',
    )
    expect(waits).toHaveLength(4)
    for (const { seconds } of waits) expect(seconds).toBeLessThan(21)
  })

  test('an hour back: customers take turns as before', async () => {
    const other = await makeCustomer(db)
    for (const owner of [customer, other, customer, other]) await makeQueued(db, owner)
    await claim(db)
    await claim(db)
    await setClock(-3600)
    await followClock(db)
    await setClock(1)
    const served = [(await claim(db)).task.customerId, (await claim(db)).task.customerId]
    expect(new Set(served).size).toBe(2)
  })
})
