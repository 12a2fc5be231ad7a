/** Finishes a task as done or failed, exactly once, together with its webhook. */
import type { FailureCause, ModelUse, StoredDetection } from '@obscura/contract'
import type { Queryable } from '../db/db.js'
import { countDetections, countFinished } from '../metrics/worker-metrics.js'
import { HOLDS_LEASE, type Lease } from './lease.js'
import { STALE_FILES_DELAY, TASK_COLUMNS, type Task, UPLOADS_END } from './task.js'
import { COUNT_USAGE } from './usage.js'

/** The result of a worker; the files are stored under the result keys of the attempt. */
export interface TaskResult {
  /** Absent when no image is written (method `detect`). */
  outputFormat?: 'jpeg' | 'png'
  /** Pixels. */
  outputWidth: number
  outputHeight: number
  detections: readonly StoredDetection[]
  /** Milliseconds of each step, by the step's name. */
  timings: Record<string, number>
  /** Problems with the image that did not make the task fail, in sentences for the customer. */
  warnings?: readonly string[]
  /** The networks that searched the image. */
  models?: readonly ModelUse[]
  /** The original was copied to the attempt's key for it. */
  originalKept?: boolean
  /** Of all files that were stored, the original aside. */
  resultBytes?: number
}

/**
 * Finishes the task as done, if the lease is still valid.
 * @returns undefined when it is not: the results must be discarded
 */
export async function completeTask(db: Queryable, lease: Lease, result: TaskResult): Promise<Task | undefined> {
  const task = await finish(
    db,
    `status = 'done', progress = 1, failure_reason = null,
     output_format = $4, output_width = $5, output_height = $6, detections = $7::jsonb, timings = $8::jsonb, warnings = $9::jsonb,
     original_kept = $10, models = $11::jsonb, result_bytes = $12,
     due_time = case when attempt > 1 then now() + ${STALE_FILES_DELAY} when $10 then ${UPLOADS_END} end`,
    HOLDS_LEASE,
    [
      lease.taskId,
      lease.owner,
      lease.attempt,
      result.outputFormat ?? null,
      result.outputWidth,
      result.outputHeight,
      JSON.stringify(result.detections),
      JSON.stringify(result.timings),
      JSON.stringify(result.warnings ?? []),
      result.originalKept ?? false,
      result.models ? JSON.stringify(result.models) : null,
      result.resultBytes ?? null,
    ],
  )
  if (task) countDetections(result.detections)
  return task
}

/** Finishes the task as failed, if the lease is still valid. `reason` is for the operator. */
export async function failTask(db: Queryable, lease: Lease, cause: FailureCause, reason: string): Promise<Task | undefined> {
  return finish(db, failed(cause, '$4', '$5'), HOLDS_LEASE, [lease.taskId, lease.owner, lease.attempt, cause, reason])
}

/** Finishes a task as failed, if it is still new. */
export async function failNewTask(db: Queryable, id: number, cause: FailureCause, reason: string): Promise<Task | undefined> {
  return finish(db, failed(cause, '$2', '$3'), `id = $1 and status = 'new'`, [id, cause, reason])
}

/**
 * Finishes a new task as failed if its upload URL has expired, with a margin for slow uploads, and
 * no file has arrived.
 */
export async function failMissingUpload(db: Queryable, id: number): Promise<Task | undefined> {
  const missing = `id = $1 and status = 'new' and upload_time is null and upload_expire_time < now() - interval '10 minutes'`
  const cause = 'TASK_FILE_DOESNT_EXIST'
  return finish(db, failed(cause, '$2', '$3'), missing, [id, cause, 'No file was uploaded before the upload URL expired.'])
}

// A file of a wrong type is deleted immediately; other failed tasks keep theirs, but an earlier
// attempt may have left results.
function failed(cause: FailureCause, causeParameter: string, reasonParameter: string): string {
  const tidyAfter = cause === 'CONTENT_TYPE_ERROR' ? `interval '0'` : STALE_FILES_DELAY
  return `status = 'failed', failure_cause = ${causeParameter}, failure_reason = ${reasonParameter}, due_time = now() + ${tidyAfter}`
}

// One statement, so that a task never ends without its webhook or uncounted, nor twice with them.
async function finish(db: Queryable, set: string, where: string, parameters: unknown[]): Promise<Task | undefined> {
  const [task] = await db.query<Task>(
    `with finished as (
       update tasks set ${set}, finish_time = now(), lease_owner = null, lease_until = null
       where ${where}
       returning *
     ), announced as (
       insert into webhook_deliveries (task_id) select id from finished
       where webhook_status = 'set' and (status = 'failed' or review_status is null)
     ), counted as (
       ${COUNT_USAGE}
     )
     select ${TASK_COLUMNS} from finished as tasks`,
    parameters,
  )
  if (task) countFinished(task)
  return task
}
