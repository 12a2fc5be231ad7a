/**
 * Task administration for operators, across customers. Times are ISO 8601 in UTC, so that results
 * survive JSON unchanged.
 */
import type { FailureCause, TaskParameters, TaskStatus, WebhookStatus } from '@obscura/contract'
import { uploadKind } from '@obscura/contract'
import type { Db, Queryable } from '../db/db.js'
import type { ObjectInfo, ObjectStore } from '../store/store.js'
import { taskPrefix, uploadKey } from './keys.js'
import { TASK_COLUMNS, type Task } from './task.js'

/** A selection of tasks; absent fields match everything. */
export interface TaskSelection {
  status?: TaskStatus
  cause?: FailureCause
  /** Name of the customer. */
  customer?: string
  createdFrom?: Date
  createdBefore?: Date
  /** Only tasks that ended at this time or later. */
  endedFrom?: Date
  /** Only tasks before this ID, the last one of the previous page. */
  before?: number
  limit: number
}

/** A line of a list. */
export interface ListedTask {
  id: number
  customer: string
  status: TaskStatus
  failureCause: FailureCause | null
  /** The most recent failure, even if the task succeeded afterwards. */
  failureReason: string | null
  /** Number of attempts. */
  attempt: number
  createTime: string
}

/** All details of one task except its detections. */
export interface InspectedTask extends ListedTask {
  customerId: string
  /** Failed attempts; the task fails after TASK_MAX_FAILURES of them. */
  failures: number
  parameters: Omit<TaskParameters, 'webhook'>
  uploadExpireTime: string
  uploadTime: string | null
  /** Bytes. */
  uploadSize: number | null
  uploadType: string | null
  /** Earliest start, while it is queued. */
  readyTime: string | null
  claimTime: string | null
  finishTime: string | null
  deleteTime: string | null
  /** 0..1 */
  progress: number
  /** Milliseconds of each step of the attempt that finished it. */
  timings: Record<string, number> | null
  /** Problems with the image that did not make the task fail. */
  warnings: string[]
  /** The worker that holds it, while it is processing. */
  lease: { owner: string; until: string } | null
  /**
   * `url` without its query, which may contain secrets; `tries` and `nextTry` only while it is
   * waiting to be sent.
   */
  webhook: { url: string; status: WebhookStatus; tries: number | null; nextTry: string | null } | null
  files: { key: string; size: number; modified: string }[]
}

/** The result of retrying a failed task. */
export type Retried = { id: number; queued: true } | { id: number; queued: false; reason: string }

const LISTED = `tasks.id, customers.name as customer, status, failure_cause as "failureCause", failure_reason as "failureReason", attempt`

/** The newest tasks of a selection, newest first. */
export async function selectTasks(db: Queryable, selection: TaskSelection): Promise<ListedTask[]> {
  const { status, cause, customer, createdFrom, createdBefore, endedFrom, before, limit } = selection
  const wanted: [condition: string, value: unknown][] = [
    ['status = ', status],
    ['failure_cause = ', cause],
    ['customers.name = ', customer],
    ['tasks.id >= ', createdFrom && createdFrom.getTime() * 1000],
    ['tasks.id < ', createdBefore && createdBefore.getTime() * 1000],
    ['finish_time >= ', endedFrom],
    ['tasks.id < ', before],
  ]
  const asked = wanted.filter(([, value]) => value !== undefined)
  const conditions = asked.map(([condition], index) => `${condition}$${index + 2}`)
  const rows = await db.query<Omit<ListedTask, 'createTime'>>(
    `select ${LISTED} from tasks join customers on customers.id = customer_id
     where ${['true', ...conditions].join(' and ')}
     order by tasks.id desc
     limit $1`,
    [limit, ...asked.map(([, value]) => value)],
  )
  return rows.map(row => ({ ...row, createTime: createTime(row.id) }))
}

interface InspectedRow extends Omit<Task, 'id'> {
  id: number
  customer: string
  readyTime: Date | null
  leaseOwner: string | null
  leaseUntil: Date | null
  tries: number | null
  nextTry: Date | null
}

/** @returns undefined when the task does not exist */
export async function inspectTask(db: Queryable, store: ObjectStore, id: number): Promise<InspectedTask | undefined> {
  const [row] = await db.query<InspectedRow>(
    `select ${TASK_COLUMNS}, customers.name as customer, ready_time as "readyTime", lease_owner as "leaseOwner",
       lease_until as "leaseUntil", webhook_deliveries.tries, webhook_deliveries.due_time as "nextTry"
     from tasks join customers on customers.id = customer_id left join webhook_deliveries on task_id = tasks.id
     where tasks.id = $1`,
    [id],
  )
  return row && { ...plain(row), files: await filesOf(store, row) }
}

function plain(row: InspectedRow): Omit<InspectedTask, 'files'> {
  const { customer, customerId, status, failureCause, failureReason, attempt, failures, progress, timings, warnings } = row
  const { webhook, ...parameters } = row.parameters
  return {
    ...{
      id: row.id,
      customer,
      customerId,
      createTime: createTime(row.id),
      status,
      failureCause,
      failureReason,
      attempt,
      failures,
    },
    ...{ parameters, progress, timings, warnings, uploadSize: row.uploadSize, uploadType: row.uploadType },
    uploadExpireTime: row.uploadExpireTime.toISOString(),
    uploadTime: iso(row.uploadTime),
    readyTime: status === 'queued' ? iso(row.readyTime) : null,
    claimTime: iso(row.claimTime),
    finishTime: iso(row.finishTime),
    deleteTime: iso(row.deleteTime),
    lease: row.leaseOwner && row.leaseUntil ? { owner: row.leaseOwner, until: row.leaseUntil.toISOString() } : null,
    webhook: webhook
      ? { url: webhook.replace(/\?.*$/s, ''), status: row.webhookStatus, tries: row.tries, nextTry: iso(row.nextTry) }
      : null,
  }
}

async function filesOf(store: ObjectStore, task: Pick<Task, 'id' | 'customerId'>): Promise<InspectedTask['files']> {
  const keys = await store.list(taskPrefix(task), 1000)
  const infos = await Promise.all(keys.map(async key => ({ key, info: await store.head(key) })))
  return infos.flatMap(({ key, info }) => (info ? { key, size: info.size, modified: info.modified.toISOString() } : []))
}

/**
 * Queues a failed task again, as if its file had just arrived, if the file still exists. Attempts
 * keep counting, failures restart at 0.
 */
export async function retryFailed(db: Db, store: ObjectStore, id: number): Promise<Retried> {
  const refused = (reason: string) => ({ id, queued: false, reason }) as const
  const [task] = await db.query<Pick<Task, 'id' | 'customerId' | 'status'>>(
    'select id, customer_id as "customerId", status from tasks where id = $1',
    [id],
  )
  if (!task) return refused('The task does not exist.')
  if (task.status !== 'failed') return refused(`It is ${task.status}: only failed tasks can be retried.`)
  const upload = await store.head(uploadKey(task))
  if (!upload) return refused('Its original no longer exists: upload it to a new task.')
  if (uploadKind(upload.contentType) === 'other') return refused('Its file was not declared as JPEG or PNG.')
  return (await restartTask(db, id, upload)) ? { id, queued: true } : refused('It was changed in the meantime.')
}

/**
 * failed -> queued, with the current file; its webhook will be sent again.
 * @returns undefined when it is not failed
 */
export async function restartTask(db: Db, id: number, upload: ObjectInfo): Promise<Task | undefined> {
  return db.transaction(async tx => {
    const [task] = await tx.query<Task>(
      `update tasks set
         status = 'queued', failures = 0, failure_cause = null, failure_reason = null, finish_time = null,
         ready_time = now(), due_time = null, progress = 0,
         upload_time = coalesce(upload_time, now()), upload_size = $2, upload_type = $3, upload_etag = $4,
         webhook_status = case when webhook_status = 'empty' then 'empty' else 'set' end
       where id = $1 and status = 'failed'
       returning ${TASK_COLUMNS}`,
      [id, upload.size, upload.contentType ?? null, upload.etag],
    )
    if (task) await tx.query('delete from webhook_deliveries where task_id = $1', [id])
    return task
  })
}

const iso = (time: Date | null) => time?.toISOString() ?? null
const createTime = (id: number) => new Date(id / 1000).toISOString()
