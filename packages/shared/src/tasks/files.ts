/** The files of tasks: their deletion on request and after the retention time, and the clearing away of what nobody needs. */
import type { Db, Queryable } from '../db/db.js'
import type { ObjectStore } from '../store/store.js'
import { attemptPrefix, taskPrefix } from './keys.js'
import { TASK_COLUMNS, type Task } from './task.js'

// What identifies somebody, or a file, goes with the files. What stays counts and dates the task: see remove.ts for its end.
const DELETED = `status = 'deleted', delete_time = now(), due_time = now(), lease_owner = null, lease_until = null,
  parameters = parameters || '{"name": null, "webhook": null, "ignores": ""}', detections = null, failure_reason = null,
  warnings = '[]', output_width = null, output_height = null, upload_size = null, upload_type = null, upload_etag = null`

/**
 * Ends a customer's task as deleted, whatever it is doing: its detections, name, webhook and ignore areas and what is known of its file go
 * now, a worker's result will be refused, an unsent webhook is dropped. The files go with {@link tidyFiles}, by the caller or the next sweep.
 * @returns undefined when there is no such task, or it is deleted already
 */
export async function deleteTask(db: Db, customerId: string, id: number): Promise<Task | undefined> {
  const [task] = await end(db, `id = $1 and customer_id = $2 and status <> 'deleted'`, [id, customerId])
  return task
}

/**
 * Ends the oldest tasks that are older than `days` by the database's clock as deleted, at most `limit`; tasks that wait for a worker or have one
 * are left alone.
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

// Two statements, because the second must see a webhook that was queued while the first waited for the task's end.
function end(db: Db, where: string, parameters: unknown[]): Promise<Task[]> {
  return db.transaction(async tx => {
    const ended = await tx.query<Task>(`update tasks set ${DELETED} where ${where} returning ${TASK_COLUMNS}`, parameters)
    if (ended.length > 0) await tx.query('delete from webhook_deliveries where task_id = any($1)', [ended.map(({ id }) => id)])
    return ended
  })
}

/**
 * Deletes the files an ended task should not have: all of them when it is deleted or its upload was no image, else those of attempts that
 * came to nothing. As long as the upload URL is good a new file may arrive, so the sweeper is asked to come back when it has ended.
 */
export async function tidyFiles({ db, store }: { db: Queryable; store: ObjectStore }, task: Task): Promise<void> {
  if (task.status === 'deleted' || task.failureCause === 'CONTENT_TYPE_ERROR') {
    await store.deletePrefix(taskPrefix(task))
  } else {
    const attempts = task.status === 'done' ? task.attempt - 1 : task.attempt
    for (let attempt = 1; attempt <= attempts; attempt++) await store.deletePrefix(attemptPrefix(task, attempt))
  }
  await db.query(
    `update tasks set due_time = case
       when status = 'done' then null
       when greatest(upload_expire_time, coalesce(delete_time, finish_time)) + interval '10 minutes' > now()
       then greatest(upload_expire_time, coalesce(delete_time, finish_time)) + interval '10 minutes'
     end
     where id = $1 and status = $2`,
    [task.id, task.status],
  )
}
