/** Webhooks that have to be sent. A row is written by the statement that finishes its task and goes when the webhook was sent or given up. */
import type { Db, Queryable } from '../db/db.js'
import { TASK_COLUMNS, type Task } from '../tasks/task.js'

/** A webhook to send now. */
export interface Delivery {
  /** A finished task with a webhook. */
  task: Task
  /** Which try this is, from 1. */
  tries: number
}

/** Seconds from each try to the next one: eight tries in about six hours. */
export const RETRY_SECONDS = [10, 60, 300, 900, 2700, 5400, 12_000] as const

/**
 * Takes at most `limit` deliveries that are due, none of the customers `except`. Should the sender die, they are due again after `seconds`.
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

/** Notes how a delivery ended: sent, or given up. */
export async function endDelivery(db: Db, taskId: number, status: 'sent' | 'failed'): Promise<void> {
  await db.transaction(async tx => {
    await tx.query('delete from webhook_deliveries where task_id = $1', [taskId])
    await tx.query('update tasks set webhook_status = $2 where id = $1', [taskId, status])
  })
}

/** Drops a delivery that nobody wants; the task's webhook_status stays `set`. */
export async function dropDelivery(db: Queryable, taskId: number): Promise<void> {
  await db.query('delete from webhook_deliveries where task_id = $1', [taskId])
}

/** Puts a delivery off. */
export async function delayDelivery(db: Queryable, taskId: number, seconds: number): Promise<void> {
  await db.query('update webhook_deliveries set due_time = now() + make_interval(secs => $2) where task_id = $1', [
    taskId,
    seconds,
  ])
}
