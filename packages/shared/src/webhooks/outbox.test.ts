import { beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { completeTask } from '../tasks/finish.js'
import { findTask } from '../tasks/read.js'
import { claim, makeCustomer, makeQueued } from '../tasks/test/tasks.js'
import { claimDeliveries, delayDelivery, dropDelivery, endDelivery, RETRY_SECONDS } from './outbox.js'

onEachDatabase(db => {
  let customer: string
  let taskId: number

  beforeAll(() => migrate(db))

  beforeEach(async () => {
    await db.query('truncate tasks, webhook_deliveries cascade')
    customer = await makeCustomer(db)
    await makeQueued(db, customer, { webhook: 'https://example.com/hook?a=1' })
    const { lease } = await claim(db)
    await completeTask(db, lease, { outputWidth: 1, outputHeight: 1, detections: [], timings: {} })
    taskId = lease.taskId
  })

  const pass = (seconds: number) =>
    db.query('update webhook_deliveries set due_time = due_time - make_interval(secs => $1)', [seconds])

  test('a delivery goes to one sender, with its task', async () => {
    const claimed = await Promise.all([claimDeliveries(db, 10, 60), claimDeliveries(db, 10, 60), claimDeliveries(db, 10, 60)])
    expect(claimed.flat()).toHaveLength(1)
    const [{ task, tries }] = claimed.flat()
    expect(tries).toBe(1)
    expect(task).toEqual(await findTask(db, customer, taskId))
    expect(task).toMatchObject({ status: 'done', webhookStatus: 'set', parameters: { webhook: 'https://example.com/hook?a=1' } })
  })

  test('a delivery whose sender died is due again', async () => {
    await claimDeliveries(db, 10, 60)
    await pass(59)
    expect(await claimDeliveries(db, 10, 60)).toEqual([])
    await pass(1)
    expect(await claimDeliveries(db, 10, 60)).toMatchObject([{ tries: 2 }])
  })

  test('a customer can be passed over', async () => {
    expect(await claimDeliveries(db, 10, 60, [customer])).toEqual([])
    expect(await claimDeliveries(db, 10, 60, [await makeCustomer(db)])).toHaveLength(1)
  })

  test('a delivery can be postponed', async () => {
    await claimDeliveries(db, 10, 60)
    await delayDelivery(db, taskId, 300)
    await pass(299)
    expect(await claimDeliveries(db, 10, 60)).toEqual([])
    await pass(1)
    expect(await claimDeliveries(db, 10, 60)).toMatchObject([{ tries: 2, task: { id: taskId } }])
  })

  test.each(['sent', 'failed'] as const)('a delivery ends as %s', async status => {
    await endDelivery(db, taskId, status)
    expect((await findTask(db, customer, taskId))?.webhookStatus).toBe(status)
    await pass(100)
    expect(await claimDeliveries(db, 10, 60)).toEqual([])
  })

  test('a delivery can be dropped', async () => {
    await dropDelivery(db, taskId)
    expect((await findTask(db, customer, taskId))?.webhookStatus).toBe('set')
    expect(await claimDeliveries(db, 10, 60)).toEqual([])
  })
})

test('eight attempts take about six hours', () => {
  const hours = RETRY_SECONDS.reduce((sum, seconds) => sum + seconds, 0) / 3600
  expect(RETRY_SECONDS).toHaveLength(7)
  expect(hours).toBeGreaterThan(5)
  expect(hours).toBeLessThan(7)
})
