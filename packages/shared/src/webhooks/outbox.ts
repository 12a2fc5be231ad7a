/**
 * Webhooks to be sent. A row is inserted by the statement that finishes its task and deleted when
 * the webhook is sent or given up.
 */
import type { Db, Queryable } from '../db/db.js'
import { TASK_COLUMNS, type Task } from '../tasks/task.js'

/** A webhook to send now. */
export interface Delivery {
  /** A finished task with a webhook. */
  task: Task
  /** Number of this attempt, from 1. */
  tries: number
}

/** Seconds between attempts: eight attempts in about six hours. */
export const RETRY_SECONDS = [10, 60, 300, 900, 2700, 5400, 12_000] as const

/**
 * Claims at most `limit` due deliveries, none of the customers `except`. If the sender dies, they
 * are due again after `seconds`.
 */
export async function claimDeliveries(
  db: Queryable,
  limit: number,
  seconds: number,
  except: readonly string[] = [],
): Promise<Delivery[]> {
  const rows = await db.query<Task & { tries: number }>(
    `with due as (
       update webhook_deliveries set tries = tries + 1, due_time = now() + make_interval(secs => $2)
       where task_id in (
         select task_id from webhook_deliveries d join tasks on tasks.id = task_id
         where d.due_time <= now() and customer_id <> all($3)
         order by d.due_time
         limit $1
         for update of d skip locked
       )
       returning task_id, tries
     )
     select ${TASK_COLUMNS}, due.tries from due join tasks on tasks.id = due.task_id`,
    [limit, seconds, except],
  )
  return rows.map(({ tries, ...task }) => ({ task, tries }))
}

/** Records the outcome of a delivery: sent, or given up. */
export async function endDelivery(db: Db, taskId: number, status: 'sent' | 'failed'): Promise<void> {
  await db.transaction(async tx => {
    await tx.query('delete from webhook_deliveries where task_id = $1', [taskId])
    await tx.query('update tasks set webhook_status = $2 where id = $1', [taskId, status])
  })
}

/** Drops a delivery that is not needed; the webhook_status of the task stays `set`. */
export async function dropDelivery(db: Queryable, taskId: number): Promise<void> {
  await db.query('delete from webhook_deliveries where task_id = $1', [taskId])
}

/** Postpones a delivery. */
export async function delayDelivery(db: Queryable, taskId: number, seconds: number): Promise<void> {
  await db.query('update webhook_deliveries set due_time = now() + make_interval(secs => $2) where task_id = $1', [
    taskId,
    seconds,
  ])
}
