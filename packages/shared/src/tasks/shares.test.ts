import { beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { completeTask } from './finish.js'
import { chargeCustomer } from './shares.js'
import { claim, makeCustomer, makeQueued } from './test/tasks.js'

const RESULT = { outputWidth: 1, outputHeight: 1, detections: [], timings: {} }

onEachDatabase(db => {
  beforeAll(() => migrate(db))
  beforeEach(() => db.query('truncate tasks, webhook_deliveries, users, customers cascade'))

  const queue = (customer: string, count: number) =>
    db.query(
      `insert into tasks (id, customer_id, parameters, webhook_status, status, upload_expire_time, ready_time)
       select (select coalesce(max(id), 0) from tasks) + n, $1, '{}', 'empty', 'queued', now(), now() from generate_series(1, $2::integer) as n`,
      [customer, count],
    )

  /**
   * Runs the next tasks with one worker, each for the processing time of its customer.
   * @returns seconds of work by customer
   */
  async function work(count: number, seconds: Record<string, number>): Promise<Record<string, number>> {
    const used = Object.fromEntries(Object.keys(seconds).map(customer => [customer, 0]))
    for (let n = 0; n < count; n++) {
      const { task, lease } = await claim(db)
      const { customerId } = task
      used[customerId] += seconds[customerId]
      await completeTask(db, lease, RESULT)
      await chargeCustomer(db, customerId, seconds[customerId])
    }
    return used
  }

  test('a customer with slow tasks gets as much time as one with quick tasks, not as many tasks', async () => {
    const [slow, quick] = [await makeCustomer(db), await makeCustomer(db)]
    await queue(slow, 50)
    await queue(quick, 200)
    const used = await work(110, { [slow]: 10, [quick]: 1 })
    expect(used[slow]).toBeLessThanOrEqual(used[quick] + 10)
    expect(used[quick]).toBeLessThanOrEqual(used[slow] + 10)
  })

  test('running tasks count while they run: slow tasks do not fill all places', async () => {
    const [slow, quick] = [await makeCustomer(db), await makeCustomer(db)]
    await queue(slow, 10)
    await queue(quick, 10)
    await work(2, { [slow]: 1, [quick]: 1 })
    await db.query(
      `update tasks set status = 'processing', claim_time = now() - interval '1 minute', lease_until = now()
      where id in (select id from tasks where customer_id = $1 and status = 'queued' order by id limit 2)`,
      [slow],
    )
    expect(await work(8, { [slow]: 1, [quick]: 1 })).toEqual({ [slow]: 0, [quick]: 8 })
  })

  test('otherwise idle time has no cost', async () => {
    const [early, late] = [await makeCustomer(db), await makeCustomer(db)]
    await queue(early, 100)
    await work(50, { [early]: 100, [late]: 100 })
    await queue(late, 100)
    const used = await work(20, { [early]: 100, [late]: 100 })
    expect(used[early]).toBeGreaterThanOrEqual(900)
  })

  test('time that was not used is not saved up', async () => {
    const [idle, busy] = [await makeCustomer(db), await makeCustomer(db)]
    await queue(idle, 100)
    await work(1, { [idle]: 1, [busy]: 1 })
    await db.query(`update tasks set ready_time = now() + interval '1 hour' where status = 'queued'`)
    await queue(busy, 150)
    await work(100, { [busy]: 10, [idle]: 10 })
    await db.query('update tasks set ready_time = now()')
    const used = await work(20, { [idle]: 10, [busy]: 10 })
    expect(used[busy]).toBeGreaterThanOrEqual(90)
  })

  test('whatever a customer used, its turn comes after an hour of work for others', async () => {
    const [greedy, other] = [await makeCustomer(db), await makeCustomer(db)]
    await queue(greedy, 1)
    await queue(other, 100)
    await chargeCustomer(db, greedy, 1e9)
    const used = await work(50, { [greedy]: 100, [other]: 100 })
    expect(used[greedy]).toBe(100)
  })

  test('a customer whose tasks all wait holds up nobody', async () => {
    const [waits, other] = [await makeCustomer(db), await makeCustomer(db)]
    const { id } = await makeQueued(db, waits)
    await db.query(`update tasks set ready_time = now() + interval '1 hour' where id = $1`, [id])
    await makeQueued(db, other)
    expect((await claim(db)).task.customerId).toBe(other)
  })
})
