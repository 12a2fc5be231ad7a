import type { StoredDetection, TaskStatus } from '@obscura/contract'
import type { Queryable } from '../db/db.js'
import { TASK_COLUMNS, type Task } from './task.js'

/** A customer's task; undefined when there is none with this id, or it belongs to another customer. */
export async function findTask(db: Queryable, customerId: string, id: number): Promise<Task | undefined> {
  const [task] = await db.query<Task>(`select ${TASK_COLUMNS} from tasks where id = $1 and customer_id = $2`, [id, customerId])
  return task
}

/** Tasks by their ids, whoever owns them, in any order; those that do not exist are left out. */
export async function findTasks(db: Queryable, ids: readonly number[]): Promise<Task[]> {
  return db.query<Task>(`select ${TASK_COLUMNS} from tasks where id = any($1::bigint[])`, [ids])
}

/** What was found in a task's image; undefined when the task is not done (or not this customer's), empty when nothing was found. */
export async function findDetections(db: Queryable, customerId: string, id: number): Promise<StoredDetection[] | undefined> {
  const [row] = await db.query<{ detections: StoredDetection[] | null }>(
    `select detections from tasks where id = $1 and customer_id = $2 and status = 'done'`,
    [id, customerId],
  )
  return row?.detections ?? undefined
}

export interface TaskFilter {
  /** Only tasks after this id: the last one of the page before. */
  after?: number
  /** Only tasks created at this time or later. */
  createdFrom?: Date
  /** Only tasks created before this time. */
  createdBefore?: Date
  status?: TaskStatus
  limit: number
}

export type TaskSummary = Pick<Task, 'id' | 'status'>

/** A customer's tasks, oldest first. Since ids are creation times, a page is one range of one index, however many tasks there are. */
export async function listTasks(db: Queryable, customerId: string, filter: TaskFilter): Promise<TaskSummary[]> {
  const after = Math.max(filter.after ?? 0, microseconds(filter.createdFrom, 0) - 1)
  const parameters = [customerId, after, microseconds(filter.createdBefore, Number.MAX_SAFE_INTEGER), filter.limit]
  return db.query<TaskSummary>(
    `select id, status from tasks
     where customer_id = $1 and id > $2 and id < $3 ${filter.status ? 'and status = $5' : ''}
     order by id
     limit $4`,
    filter.status ? [...parameters, filter.status] : parameters,
  )
}

export interface DayCount {
  /** YYYY-MM-DD in UTC: the day on which the tasks were created. */
  day: string
  status: TaskStatus
  count: number
}

/** How many of a customer's tasks were created on each day from `from` up to `before`, by the status they have now; removed ones as deleted. */
export async function countTasksByDay(db: Queryable, customerId: string, from: Date, before: Date): Promise<DayCount[]> {
  return db.query<DayCount>(
    `select to_char(day, 'YYYY-MM-DD') as day, status, sum(count)::bigint as count
     from (
       select (to_timestamp(id / 1000000) at time zone 'UTC')::date as day, status, count(*) as count
       from tasks
       where customer_id = $1 and id >= $2 and id < $3
       group by 1, 2
       union all
       select day, 'deleted', count from removed_tasks
       where customer_id = $1 and day >= ($4::timestamptz at time zone 'UTC')::date and day < $5::timestamptz at time zone 'UTC'
     ) as counted
     group by 1, 2
     order by 1, 2`,
    [customerId, microseconds(from, 0), microseconds(before, 0), from, before],
  )
}

function microseconds(time: Date | undefined, otherwise: number): number {
  return time ? time.getTime() * 1000 : otherwise
}
