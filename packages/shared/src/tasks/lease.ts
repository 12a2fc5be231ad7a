/**
 * The lease: a worker owns a task for some seconds and renews the lease while it works. A task
 * whose lease expired is queued again, and its former owner can do nothing more, because every
 * statement of a worker requires its owner and attempt. All times are those of the database,
 * independent of the clocks of workers.
 */
import type { Queryable } from '../db/db.js'
import { countFailedAttempt, countFinished } from '../metrics/worker-metrics.js'
import { TAKE_TURN, TURNS } from './shares.js'
import { STALE_FILES_DELAY, TASK_COLUMNS, type Task } from './task.js'

/** The right to work on a task: only its holder can finish it. */
export interface Lease {
  taskId: number
  /** The worker process. */
  owner: string
  /** The number of this claim of the task. */
  attempt: number
}

/**
 * Condition on tasks for $1 task, $2 owner, $3 attempt. An expired lease remains valid until the
 * task is claimed or queued again.
 */
export const HOLDS_LEASE = `id = $1 and status = 'processing' and lease_owner = $2 and attempt = $3`

const holder = (lease: Lease) => [lease.taskId, lease.owner, lease.attempt]

/**
 * Claims the next queued task for `owner`, if any. Customers take turns by the processing time they
 * have used, each with its oldest task, so that neither a thousand tasks of one customer nor slow
 * ones hold up a single task of another.
 */
export async function claimTask(db: Queryable, owner: string, seconds: number): Promise<Task | undefined> {
  const [task] = await db.query<Task>(
    `with recursive waiting (customer_id) as (
       (select customer_id from tasks where status = 'queued' order by customer_id limit 1)
       union all
       select (
         select tasks.customer_id from tasks
         where status = 'queued' and tasks.customer_id > waiting.customer_id
         order by tasks.customer_id limit 1
       )
       from waiting where waiting.customer_id is not null
     ), ${TURNS}, next as (
       select turns.*, oldest.id
       from turns cross join lateral (
         select id from tasks
         where tasks.customer_id = turns.customer_id and status = 'queued' and ready_time <= now()
         order by id limit 1
         for update skip locked
       ) as oldest
       limit 1
     ), turn as (${TAKE_TURN})
     update tasks set
       status = 'processing',
       attempt = attempt + 1,
       lease_owner = $1,
       lease_until = now() + make_interval(secs => $2),
       claim_time = clock_timestamp(),
       progress = 0,
       due_time = null
     from next where tasks.id = next.id
     returning ${TASK_COLUMNS}`,
    [owner, seconds],
  )
  return task
}

/**
 * Number of tasks that can be claimed now, counted up to `limit`. For idle workers: far cheaper
 * than a claim that finds nothing.
 */
export async function countReady(db: Queryable, limit: number): Promise<number> {
  const [{ ready }] = await db.query<{ ready: number }>(
    `select count(*) as ready from (
       select from tasks where status = 'queued' and ready_time <= now() order by ready_time limit $1
     ) as first`,
    [limit],
  )
  return ready
}

/**
 * Renews the lease and records the progress (0..1).
 * @returns false when the lease is lost: stop working
 */
export async function renewLease(db: Queryable, lease: Lease, seconds: number, progress: number): Promise<boolean> {
  const renewed = await db.query(
    `update tasks set lease_until = now() + make_interval(secs => $4), progress = $5 where ${HOLDS_LEASE} returning id`,
    [...holder(lease), seconds, progress],
  )
  return renewed.length > 0
}

/**
 * Hands the task back unfinished without counting a failure (the worker stops, a service is
 * unavailable): it may be claimed again after `delaySeconds`.
 * @returns undefined when the lease is lost
 */
export async function releaseTask(db: Queryable, lease: Lease, delaySeconds: number): Promise<Task | undefined> {
  const [task] = await db.query<Task>(
    `update tasks set
       status = 'queued',
       lease_owner = null,
       lease_until = null,
       ready_time = now() + make_interval(secs => $4)
     where ${HOLDS_LEASE}
     returning ${TASK_COLUMNS}`,
    [...holder(lease), delaySeconds],
  )
  return task
}

/**
 * Counts a failed attempt: the task is queued again after a pause of 1, 2, 4, 8 ... seconds, and
 * after `maxFailures` failures it fails with INTERNAL_ERROR.
 * @returns undefined when the lease is lost
 */
export async function retryTask(db: Queryable, lease: Lease, maxFailures: number, reason: string): Promise<Task | undefined> {
  const [task] = counted('crash', await retry(db, maxFailures, reason, HOLDS_LEASE, holder(lease)))
  return task
}

/**
 * Does the same to tasks with an expired lease, at most `limit` of them: their worker died or
 * hangs.
 */
export async function retryExpired(db: Queryable, maxFailures: number, limit: number): Promise<Task[]> {
  const expired = `id in (
    select id from tasks
    where status = 'processing' and lease_until <= now()
    order by lease_until
    limit $1
    for update skip locked
  )`
  return counted('lost', await retry(db, maxFailures, 'The worker stopped renewing its lease.', expired, [limit]))
}

/**
 * Ends all leases now. For the embedded database at the start of its only process: all former
 * holders are dead.
 */
export async function expireLeases(db: Queryable): Promise<void> {
  await db.query(`update tasks set lease_until = now() where status = 'processing'`)
}

async function retry(db: Queryable, maxFailures: number, reason: string, where: string, parameters: unknown[]): Promise<Task[]> {
  const max = `$${parameters.length + 1}::integer`
  const because = `$${parameters.length + 2}::text`
  return db.query<Task>(
    `with retried as (
       update tasks set
         failures = failures + 1,
         failure_reason = ${because},
         lease_owner = null,
         lease_until = null,
         status = case when failures + 1 < ${max} then 'queued' else 'failed' end,
         failure_cause = case when failures + 1 < ${max} then null else 'INTERNAL_ERROR' end,
         ready_time = now() + make_interval(secs => 2 ^ failures),
         due_time = case when failures + 1 < ${max} then null else now() + ${STALE_FILES_DELAY} end,
         finish_time = case when failures + 1 < ${max} then null else now() end
       where ${where}
       returning *
     ), announced as (
       insert into webhook_deliveries (task_id) select id from retried where status = 'failed' and webhook_status = 'set'
     )
     select ${TASK_COLUMNS} from retried as tasks`,
    [...parameters, maxFailures, reason],
  )
}

function counted(reason: 'crash' | 'lost', retried: Task[]): Task[] {
  for (const task of retried) {
    if (task.status === 'failed') countFinished(task)
    else countFailedAttempt(reason)
  }
  return retried
}
