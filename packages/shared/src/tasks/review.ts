/** Review: results are held back until somebody approves them. */
import type { Db } from '../db/db.js'
import { TASK_COLUMNS, type Task } from './task.js'

/** Whether the results of a task may not be shown: its review is open, or was rejected. */
export function isHeldBack({ reviewStatus }: Pick<Task, 'reviewStatus'>): boolean {
  return reviewStatus === 'pending' || reviewStatus === 'rejected'
}

export interface Verdict {
  status: 'approved' | 'rejected'
  reviewer: string
  /** Of a rejection. */
  reason: string | null
  /** The revision that the reviewer has seen; undefined: whichever is the newest. */
  revision?: number
}

/**
 * Records the verdict on a task that is done and whose newest revision is rendered. Approving it
 * queues its webhook, rejecting it drops one that has not been sent.
 * @returns undefined when the task is not in that state, asks for no review, or has another
 * revision
 */
export async function reviewTask(db: Db, task: Pick<Task, 'id' | 'customerId'>, verdict: Verdict): Promise<Task | undefined> {
  return db.transaction(async tx => {
    const [reviewed] = await tx.query<Task>(
      `update tasks set review_status = $3, reviewer = $4, review_reason = $5, review_time = now(),
         webhook_status = case when $3 = 'approved' and webhook_status <> 'empty' then 'set' else webhook_status end
       where id = $1 and customer_id = $2 and status = 'done' and review_status is not null
         and revision = rendered_revision and revision = coalesce($6, revision)
       returning ${TASK_COLUMNS}`,
      [task.id, task.customerId, verdict.status, verdict.reviewer, verdict.reason, verdict.revision ?? null],
    )
    if (!reviewed) return undefined
    await tx.query('delete from webhook_deliveries where task_id = $1', [task.id])
    if (verdict.status === 'approved' && reviewed.webhookStatus === 'set')
      await tx.query('insert into webhook_deliveries (task_id) values ($1)', [task.id])
    return reviewed
  })
}
