/** Review: results are held back until somebody approves them. */
import type { Db, Queryable } from '../db/db.js'
import { TASK_COLUMNS, type Task } from './task.js'

/** Whether the results of a task may not be shown: its review is open, or was rejected. */
export function isHeldBack({ reviewStatus }: Pick<Task, 'reviewStatus'>): boolean {
  return reviewStatus === 'pending' || reviewStatus === 'rejected'
}

/** The reviewer made what is to be approved, and another user has to look at it. */
export class FourEyesError extends Error {
  override readonly name = 'FourEyesError'
}

/** A decision on a task under review. */
export interface Verdict {
  status: 'approved' | 'rejected'
  reviewer: string
  /** The reviewer's ID where they may not approve what they have created or corrected last. */
  fourEyesOf?: string
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
 * @throws FourEyesError
 */
export async function reviewTask(db: Db, task: Pick<Task, 'id' | 'customerId'>, verdict: Verdict): Promise<Task | undefined> {
  return db.transaction(async tx => {
    if (verdict.status === 'approved' && verdict.fourEyesOf) await requireOther(tx, task.id, verdict.fourEyesOf)
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

// With the lock no correction can come before the verdict.
async function requireOther(tx: Queryable, taskId: number, userId: string): Promise<void> {
  const [task] = await tx.query<{ revision: number; createdBy: string | null }>(
    'select revision, created_by as "createdBy" from tasks where id = $1 for update',
    [taskId],
  )
  const [latest] = await tx.query<{ userId: string | null }>(
    'select user_id as "userId" from revisions where task_id = $1 and revision = $2',
    [taskId, task?.revision ?? 0],
  )
  if (task?.createdBy === userId || latest?.userId === userId) throw new FourEyesError('The reviewer made it.')
}
