/** The files of tasks: deletion on request and after the retention time, and of stale files. */
import type { Db, Queryable } from '../db/db.js'
import type { ObjectStore } from '../store/store.js'
import { attemptPrefix, revisionOfKey, taskPrefix, uploadKey } from './keys.js'
import { type PolledTask, TASK_COLUMNS, type Task } from './task.js'

// Data that identifies a person or a file is deleted with the files. The rest of the row remains
// for statistics: see remove.ts.
const DELETED = `status = 'deleted', delete_time = now(), due_time = now(), lease_owner = null, lease_until = null,
  parameters = parameters || '{"name": null, "webhook": null, "ignores": "", "areas": ""}', detections = null, failure_reason = null,
  warnings = '[]', timings = null, rendering_failure = null, review_status = null, reviewer = null,
  review_reason = null, created_by = null, output_width = null, output_height = null, upload_size = null, upload_type = null, upload_etag = null,
  result_bytes = null`

/**
 * Marks a task of a customer as deleted in any state: its detections, name, webhook, ignore areas
 * and file information are removed now, a worker's result will be refused, an unsent webhook is
 * dropped. The files are deleted by {@link deleteStaleFiles}, called by the caller or the next
 * sweep.
 * @returns undefined when the task does not exist or is already deleted
 */
export async function deleteTask(db: Db, customerId: string, id: number): Promise<Task | undefined> {
  const [task] = await end(db, `id = $1 and customer_id = $2 and status <> 'deleted'`, [id, customerId])
  return task
}

/**
 * Marks the oldest tasks that are older than `days` by the database's clock as deleted, at most
 * `limit`; queued and processing tasks are skipped.
 */
export async function deleteExpired(db: Db, days: number, limit: number): Promise<Task[]> {
  const oldest = `id in (
    select id from tasks
    where status in ('new', 'done', 'failed') and id < (extract(epoch from now() - make_interval(days => $1)) * 1000000)::bigint
    order by id
    limit $2
    for update skip locked
  )`
  return end(db, oldest, [days, limit])
}

/** As {@link deleteExpired}, for customers with a retention of their own. */
export async function deleteExpiredOfCustomers(db: Db, limit: number): Promise<Task[]> {
  const oldest = `id in (
    select expired.id from customers cross join lateral (
      select id from tasks
      where customer_id = customers.id and status in ('new', 'done', 'failed')
        and id < (extract(epoch from now() - make_interval(days => retention_days)) * 1000000)::bigint
      order by id
      limit $1
      for update skip locked
    ) as expired
    where retention_days is not null
    order by expired.id
    limit $1
  )`
  return end(db, oldest, [limit])
}

/** What other tables hold of a task. */
const OF_TASKS = ['webhook_deliveries', 'renderings', 'revisions']

// Several statements, because the second must see what was queued while the first waited for the
// task to end.
function end(db: Db, where: string, parameters: unknown[]): Promise<Task[]> {
  return db.transaction(async tx => {
    const ended = await tx.query<Task>(`update tasks set ${DELETED} where ${where} returning ${TASK_COLUMNS}`, parameters)
    const ids = ended.map(({ id }) => id)
    for (const table of ended.length > 0 ? OF_TASKS : []) await tx.query(`delete from ${table} where task_id = any($1)`, [ids])
    return ended
  })
}

/**
 * Deletes files that an ended task should not have: all of them when it is deleted or its upload
 * was not an image, otherwise those of unsuccessful attempts and of earlier revisions, and uploads
 * to a done task, whose original was copied. While the upload URL is valid a new file may arrive,
 * so another sweep is scheduled for its expiry.
 */
export async function deleteStaleFiles({ db, store }: { db: Queryable; store: ObjectStore }, task: PolledTask): Promise<void> {
  if (task.status === 'deleted' || task.failureCause === 'CONTENT_TYPE_ERROR') {
    await store.deletePrefix(taskPrefix(task))
  } else {
    const attempts = task.status === 'done' ? task.attempt - 1 : task.attempt
    for (let attempt = 1; attempt <= attempts; attempt++) await store.deletePrefix(attemptPrefix(task, attempt))
    if (task.status === 'done') await deleteEarlierRevisions(store, task)
    if (task.originalKept) await store.deletePrefix(uploadKey(task))
  }
  await db.query(
    `update tasks set due_time = case
       when status = 'done' and not original_kept then null
       when greatest(upload_expire_time, coalesce(delete_time, finish_time)) + interval '10 minutes' > now()
       then greatest(upload_expire_time, coalesce(delete_time, finish_time)) + interval '10 minutes'
     end
     where id = $1 and status = $2 and rendered_revision = $3`,
    [task.id, task.status, task.renderedRevision],
  )
}

/** Files of one listing. */
const MAX_LISTED = 1000

// A later revision may be being written.
async function deleteEarlierRevisions(store: ObjectStore, task: PolledTask): Promise<void> {
  if (task.renderedRevision === 0) return
  let keys: string[]
  let after: string | undefined
  do {
    keys = await store.list(attemptPrefix(task, task.attempt), MAX_LISTED, after)
    for (const key of keys) {
      const revision = revisionOfKey(key)
      if (revision !== undefined && revision < task.renderedRevision) await store.deletePrefix(key)
    }
    after = keys.at(-1)
  } while (keys.length === MAX_LISTED)
}
