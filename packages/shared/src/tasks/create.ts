import type { TaskParameters } from '@obscura/contract'
import type { Queryable } from '../db/db.js'
import { TASK_COLUMNS, type Task } from './task.js'

/**
 * Inserts a task with status new, whose upload URL is valid for `uploadSeconds`. Its ID is the
 * database's time in microseconds, or the next free microsecond: unique across all processes that
 * create tasks.
 */
export async function createTask(
  db: Queryable,
  customerId: string,
  parameters: TaskParameters,
  uploadSeconds: number,
  createdBy: string | null = null,
): Promise<Task> {
  for (;;) {
    const [created] = await db.query<Task>(
      `with recursive candidate (id) as (
         select (extract(epoch from clock_timestamp()) * 1000000)::bigint
         union all
         select candidate.id + 1 from candidate where exists (select from tasks where tasks.id = candidate.id)
       )
       insert into tasks (id, customer_id, parameters, webhook_status, upload_expire_time, due_time,
         review_status, created_by)
       select max(id), $1, $2::jsonb, case when $2::jsonb ->> 'webhook' is null then 'empty' else 'set' end,
         now() + make_interval(secs => $3), now() + interval '5 seconds',
         case when ($2::jsonb ->> 'review')::boolean then 'pending' end, $4
       from candidate
       on conflict (id) do nothing
       returning ${TASK_COLUMNS}`,
      [customerId, JSON.stringify(parameters), uploadSeconds, createdBy],
    )
    // No row: another process took the ID between the lookup and the insert.
    if (created) return created
  }
}
