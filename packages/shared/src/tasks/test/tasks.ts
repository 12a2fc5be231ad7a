/** Customers and tasks in the initial state of tests. */
import { randomUUID } from 'node:crypto'
import type { TaskParameters } from '@obscura/contract'
import { PARAMETERS } from '@obscura/contract'
import type { Db, Queryable } from '../../db/db.js'
import type { ObjectInfo } from '../../store/store.js'
import { createTask } from '../create.js'
import { claimTask, type Lease } from '../lease.js'
import type { Task } from '../task.js'
import { markUploaded } from '../upload.js'

/** A new customer, so that tests on one database do not interfere. */
export async function makeCustomer(db: Queryable): Promise<string> {
  const id = randomUUID()
  await db.query('insert into customers (id, name) values ($1, $2)', [id, id])
  return id
}

export function makeParameters(changes: Partial<TaskParameters> = {}): TaskParameters {
  const defaults = Object.fromEntries(PARAMETERS.map(({ name, default: value }) => [name, value]))
  return { ...defaults, anonymization_method: 'blur', face: true, ...changes } as TaskParameters
}

export const upload: ObjectInfo = { size: 1000, contentType: 'image/jpeg', etag: 'first', modified: new Date() }

export async function makeQueued(
  db: Db,
  customerId: string,
  changes?: Partial<TaskParameters>,
  file: ObjectInfo = upload,
): Promise<Task> {
  const task = await createTask(db, customerId, makeParameters(changes), 3600)
  return (await markUploaded(db, task.id, file))!
}

/** Claims the next task of any customer for `owner`. */
export async function claim(db: Db, owner = 'worker', seconds = 60): Promise<{ task: Task; lease: Lease }> {
  const task = (await claimTask(db, owner, seconds))!
  return { task, lease: { taskId: task.id, owner, attempt: task.attempt } }
}

/** Lets time pass for some tasks: everything about them happened `seconds` earlier. */
export async function age(db: Queryable, ids: number | number[], seconds: number): Promise<void> {
  await db.query(
    `update tasks set
       upload_expire_time = upload_expire_time - make_interval(secs => $2),
       ready_time = ready_time - make_interval(secs => $2),
       lease_until = lease_until - make_interval(secs => $2),
       due_time = due_time - make_interval(secs => $2),
       finish_time = finish_time - make_interval(secs => $2),
       delete_time = delete_time - make_interval(secs => $2)
     where id = any($1::bigint[])`,
    [[ids].flat(), seconds],
  )
}

export async function readTask(db: Queryable, id: number): Promise<Record<string, unknown>> {
  const [row] = await db.query<Record<string, unknown>>('select * from tasks where id = $1', [id])
  return row
}

/** What a worker reports of an image. */
export const result = {
  outputFormat: 'jpeg' as const,
  outputWidth: 640,
  outputHeight: 480,
  detections: [{ class: 'face' as const, score: 0.9, box: [1, 2, 3, 4] as const, anonymised: true }],
  timings: { detect: 12.5 },
  warnings: ['The image is truncated.'],
  models: [{ name: 'net', sha256: 'a'.repeat(64) }],
}
