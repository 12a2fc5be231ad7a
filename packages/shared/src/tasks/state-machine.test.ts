/**
 * Random operations of clients, workers, the sweeper and the clock, in any order, against a model
 * of task states.
 */

import type { TaskStatus } from '@obscura/contract'
import { emptyDatabase } from '@obscura/test-servers/pglite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '../db/db.js'
import { migrate } from '../db/migrate.js'
import { openPGlite } from '../db/pglite.js'
import { createTask } from './create.js'
import { deleteTask } from './files.js'
import { completeTask, failTask } from './finish.js'
import { claimTask, type Lease, releaseTask, renewLease, retryExpired, retryTask } from './lease.js'
import { restartTask } from './operate.js'
import { takeDueTasks } from './sweep.js'
import type { Task } from './task.js'
import { age, makeCustomer, makeParameters, upload } from './test/tasks.js'
import { markUploaded } from './upload.js'

const WORKERS = 2
const LEASE_SECONDS = 200
const MAX_FAILURES = 2

const NEXT: Record<TaskStatus, TaskStatus[]> = {
  new: ['queued', 'failed', 'deleted'],
  queued: ['processing', 'deleted'],
  processing: ['queued', 'done', 'failed', 'deleted'],
  done: ['deleted'],
  failed: ['queued', 'deleted'],
  deleted: [],
}

type Operation =
  | { do: 'upload' | 'uploadText' | 'delete' | 'restart'; task: number }
  | { do: 'claim'; worker: number }
  | { do: 'complete' | 'fail' | 'retry' | 'release' | 'renew'; lease: number }
  | { do: 'wait'; seconds: number }
  | { do: 'sweep' }

const task = fc.nat(3)
const lease = fc.nat(10)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    do: fc.constantFrom('upload' as const, 'upload' as const, 'uploadText' as const, 'delete' as const, 'restart' as const),
    task,
  }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('claim' as const), worker: fc.nat(WORKERS - 1) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('complete' as const, 'fail', 'retry', 'release', 'renew'), lease }),
  },
  fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 50, 250) }),
  fc.record({ do: fc.constant('sweep' as const) }),
)

let db: Db
beforeAll(async () => {
  db = await openPGlite(undefined, await emptyDatabase())
  await migrate(db)
})
afterAll(() => db.close())

test('a task moves along its states only, ends once, obeys its lease holder alone, and is never lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 20, maxLength: 40, size: 'max' }), async operations => {
      await db.query('truncate tasks, webhook_deliveries cascade')
      const world = await makeWorld()
      for (const next of operations) {
        await world.run(next)
        await world.check()
      }
      await world.finishAll()
      await world.check()
      await world.checkEnd()
    }),
    { numRuns: 15 },
  )
})

async function makeWorld() {
  const customer = await makeCustomer(db)
  const tasks: Task[] = []
  for (const webhook of [null, 'https://example.com/hook', null, 'https://example.com/hook']) {
    tasks.push(await createTask(db, customer, makeParameters({ webhook }), 3600))
  }
  const leases: Lease[] = []
  /** The lease holder that may finish a task; all that the model knows about leases. */
  const holders = new Map<number, Lease>()
  /** Remaining seconds of the holders' leases. */
  const remaining = new Map<number, number>()
  const statuses = new Map<number, TaskStatus>(tasks.map(({ id }) => [id, 'new']))
  const uploaded = new Set<number>()

  const result = { outputWidth: 1, outputHeight: 1, detections: [], timings: {} }
  const byHolder = {
    complete: (held: Lease) => completeTask(db, held, result),
    fail: (held: Lease) => failTask(db, held, 'IMAGE_DEFECT', 'broken'),
    retry: (held: Lease) => retryTask(db, held, MAX_FAILURES, 'crashed'),
    release: (held: Lease) => releaseTask(db, held, 0),
    renew: (held: Lease) => renewLease(db, held, LEASE_SECONDS, 0.5),
  }

  async function run(next: Operation): Promise<void> {
    switch (next.do) {
      case 'upload':
      case 'uploadText': {
        const { id } = tasks[next.task]
        const contentType = next.do === 'upload' ? 'image/png' : 'text/plain'
        const changed = await markUploaded(db, id, { ...upload, contentType })
        expect(changed !== undefined).toBe(statuses.get(id) === 'new')
        if (changed) uploaded.add(id)
        return
      }
      case 'delete': {
        const { id } = tasks[next.task]
        const deleted = await deleteTask(db, customer, id)
        expect(deleted !== undefined).toBe(statuses.get(id) !== 'deleted')
        holders.delete(id)
        return
      }
      case 'restart': {
        const { id } = tasks[next.task]
        expect((await restartTask(db, id, upload)) !== undefined).toBe(statuses.get(id) === 'failed')
        return
      }
      case 'claim':
        return claim(`worker ${next.worker}`)
      case 'wait':
        for (const [id, seconds] of remaining) remaining.set(id, seconds - next.seconds)
        return age(
          db,
          tasks.map(({ id }) => id),
          next.seconds,
        )
      case 'sweep': {
        const expired = [...holders.keys()].filter(id => remaining.get(id)! <= 0)
        const retried = (await retryExpired(db, MAX_FAILURES, 10)).map(({ id }) => id)
        expect(retried.sort()).toEqual(expired.sort())
        for (const id of retried) holders.delete(id)
        await takeDueTasks(db, 10)
        return
      }
      default:
        return useLease(next.do, leases[next.lease % Math.max(1, leases.length)])
    }
  }

  async function claim(owner: string): Promise<void> {
    const claimed = await claimTask(db, owner, LEASE_SECONDS)
    if (!claimed) return
    expect(holders.has(claimed.id)).toBe(false)
    const held = { taskId: claimed.id, owner, attempt: claimed.attempt }
    leases.push(held)
    holders.set(claimed.id, held)
    remaining.set(claimed.id, LEASE_SECONDS)
  }

  async function useLease(action: keyof typeof byHolder, held: Lease | undefined): Promise<void> {
    if (!held) return
    const worked = Boolean(await byHolder[action](held))
    expect(worked).toBe(holders.get(held.taskId) === held)
    if (!worked) return
    if (action === 'renew') remaining.set(held.taskId, LEASE_SECONDS)
    else holders.delete(held.taskId)
  }

  async function check(): Promise<void> {
    const rows = await db.query<{ id: number; status: TaskStatus }>('select id, status from tasks')
    expect(rows).toHaveLength(tasks.length)
    for (const { id, status } of rows) {
      const before = statuses.get(id)!
      if (status !== before) expect(NEXT[before]).toContain(status)
      expect(status === 'processing').toBe(holders.has(id))
      statuses.set(id, status)
    }
  }

  /** Lets time pass, and one worker do its work. */
  async function finishAll(): Promise<void> {
    await run({ do: 'wait', seconds: 250 })
    await run({ do: 'sweep' })
    await run({ do: 'wait', seconds: 250 })
    for (let round = 0; round < tasks.length; round++) {
      await check()
      await claim('last')
      await check()
      const held = leases.at(-1)
      if (held && holders.get(held.taskId) === held) await useLease('complete', held)
    }
  }

  async function checkEnd(): Promise<void> {
    for (const id of uploaded) expect(['done', 'failed', 'deleted']).toContain(statuses.get(id))
    const ended = tasks.filter(({ id, webhookStatus }) => webhookStatus === 'set' && /done|failed/.test(statuses.get(id)!))
    const deliveries = await db.query<{ id: number }>('select task_id as id from webhook_deliveries order by task_id')
    expect(deliveries.map(({ id }) => id)).toEqual(ended.map(({ id }) => id))
  }

  return { run, check, finishAll, checkEnd }
}
