import type { ReviewStatus, StoredDetection, TaskStatus } from '@obscura/contract'
import type { Queryable } from '../db/db.js'
import { POLLED_COLUMNS, type PolledTask, TASK_COLUMNS, type Task } from './task.js'

/** Reads a task of a customer; undefined when it does not exist or belongs to another customer. */
export async function findTask(db: Queryable, customerId: string, id: number): Promise<Task | undefined> {
  const [task] = await db.query<Task>(`select ${TASK_COLUMNS} from tasks where id = $1 and customer_id = $2`, [id, customerId])
  return task
}

/** Reads tasks of any customer by ID, in any order; missing ones are omitted. */
export async function findTasks(db: Queryable, ids: readonly number[]): Promise<PolledTask[]> {
  return db.query<PolledTask>(`select ${POLLED_COLUMNS} from tasks where id = any($1::bigint[])`, [ids])
}

/** Reads what {@link findTasks} left out; a task that was removed meanwhile has none. */
export async function withLongParameters(db: Queryable, task: PolledTask): Promise<Task> {
  const { ignores, areas = '', ...parameters } = task.parameters
  if (ignores !== undefined) return { ...task, parameters: { ...parameters, ignores, areas } }
  const [row] = await db.query<{ ignores: string | null; areas: string | null }>(
    `select parameters ->> 'ignores' as ignores, parameters ->> 'areas' as areas from tasks where id = $1`,
    [task.id],
  )
  return { ...task, parameters: { ...parameters, ignores: row?.ignores ?? '', areas: row?.areas ?? '' } }
}

/**
 * The detections of a task; undefined when the task is not done (or belongs to another customer).
 */
export async function findDetections(db: Queryable, customerId: string, id: number): Promise<StoredDetection[] | undefined> {
  const [row] = await db.query<{ detections: StoredDetection[] | null }>(
    `select detections from tasks where id = $1 and customer_id = $2 and status = 'done'`,
    [id, customerId],
  )
  return row?.detections ?? undefined
}

/** Which tasks are listed. */
export interface TaskFilter {
  /** Only tasks after this ID, the last one of the previous page. */
  after?: number
  /** Only tasks created at this time or later. */
  createdFrom?: Date
  /** Only tasks created before this time. */
  createdBefore?: Date
  status?: TaskStatus
  reviewStatus?: ReviewStatus
  /** From the newest task to the oldest: `after` is then the ID before which the page starts. */
  newestFirst?: boolean
  limit: number
}

/** A task in a list. */
export type TaskSummary = Pick<Task, 'id' | 'status' | 'reviewStatus'>

/**
 * The tasks of a customer, oldest first by default. Since IDs are creation times, a page is one
 * range of one index, however many tasks exist.
 */
export async function listTasks(db: Queryable, customerId: string, filter: TaskFilter): Promise<TaskSummary[]> {
  let after = microseconds(filter.createdFrom, 0) - 1
  let before = microseconds(filter.createdBefore, Number.MAX_SAFE_INTEGER)
  if (filter.newestFirst) before = Math.min(before, filter.after ?? before)
  else after = Math.max(after, filter.after ?? 0)
  const parameters: unknown[] = [customerId, after, before, filter.limit]
  const equal = (column: string, value: string | undefined) => (value ? `and ${column} = $${parameters.push(value)}` : '')
  return db.query<TaskSummary>(
    `select id, status, review_status as "reviewStatus" from tasks
     where customer_id = $1 and id > $2 and id < $3
       ${equal('status', filter.status)} ${equal('review_status', filter.reviewStatus)}
     order by id ${filter.newestFirst ? 'desc' : 'asc'}
     limit $4`,
    parameters,
  )
}

/** Tasks of one day with one status. */
export interface DayCount {
  /** YYYY-MM-DD in UTC: the day on which the tasks were created. */
  day: string
  status: TaskStatus
  count: number
}

/**
 * Counts the tasks of a customer created on each day from `from` up to `before`, by current status;
 * removed ones as deleted.
 */
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
