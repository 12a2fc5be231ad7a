/** From new to queued: a file arrives, or a start is requested. Calls are idempotent. */
import { uploadKind } from '@obscura/contract'
import type { Db, Queryable } from '../db/db.js'
import type { Dispatcher } from '../dispatch/dispatcher.js'
import type { ObjectInfo, ObjectStore } from '../store/store.js'
import { deleteStaleFiles } from './files.js'
import { failNewTask, failTask } from './finish.js'
import { uploadKey } from './keys.js'
import { HOLDS_LEASE, type Lease } from './lease.js'
import { findTask } from './read.js'
import { type PolledTask, TASK_COLUMNS, type Task } from './task.js'

/** The services that tasks need. */
export interface TaskServices {
  db: Db
  store: ObjectStore
  dispatcher: Dispatcher
}

const WRONG_TYPE = 'The file was not declared as JPEG or PNG.'

/**
 * Records that the file of a new task has arrived and queues the task, unless it waits for a start
 * request; while the task is new, a later file replaces an earlier one. A file not declared as JPEG
 * or PNG fails the task.
 * @returns the task if this call changed it, otherwise undefined
 */
export async function markUploaded(db: Queryable, id: number, upload: ObjectInfo): Promise<Task | undefined> {
  if (uploadKind(upload.contentType) === 'other') return failNewTask(db, id, 'CONTENT_TYPE_ERROR', WRONG_TYPE)
  const [task] = await db.query<Task>(
    `update tasks set
       upload_time = now(),
       upload_size = $2,
       upload_type = $3,
       upload_etag = $4,
       status = case when parameters ->> 'start_on' = 'upload' then 'queued' else 'new' end,
       ready_time = now(),
       due_time = null
     where id = $1 and status = 'new' and upload_etag is distinct from $4
     returning ${TASK_COLUMNS}`,
    [id, upload.size, upload.contentType ?? null, upload.etag],
  )
  return task
}

/**
 * Calls `place`, which moves an upload to the key of the task's file, if the task is still new,
 * while holding its row lock.
 * @returns whether it was
 */
export async function placeUpload(db: Db, id: number, place: () => Promise<void>): Promise<boolean> {
  return db.transaction(async tx => {
    const [task] = await tx.query<Pick<Task, 'status'>>('select status from tasks where id = $1 for update', [id])
    if (task?.status !== 'new') return false
    await place()
    return true
  })
}

/**
 * Hands back a task whose file was replaced between its detection and its download, to be processed
 * with the new file: the last complete upload counts, and a worker only processes the file recorded
 * in the database.
 * @returns undefined when the lease is lost
 */
export async function requeueReplaced(db: Queryable, lease: Lease, upload: ObjectInfo): Promise<Task | undefined> {
  if (uploadKind(upload.contentType) === 'other') return failTask(db, lease, 'CONTENT_TYPE_ERROR', WRONG_TYPE)
  const [task] = await db.query<Task>(
    `update tasks set
       upload_time = now(),
       upload_size = $4,
       upload_type = $5,
       upload_etag = $6,
       status = 'queued',
       lease_owner = null,
       lease_until = null,
       ready_time = now()
     where ${HOLDS_LEASE}
     returning ${TASK_COLUMNS}`,
    [lease.taskId, lease.owner, lease.attempt, upload.size, upload.contentType ?? null, upload.etag],
  )
  return task
}

/**
 * Checks whether the file of a new task has arrived; if so, records it and sends a hint. All ways
 * to detect an upload lead here: the upload route, an event of the store, a status request, the
 * sweeper.
 * @returns the task as it is now
 */
export async function detectUpload<Given extends PolledTask>(
  { db, store, dispatcher }: TaskServices,
  task: Given,
): Promise<Given | Task> {
  if (task.status !== 'new') return task
  const upload = await store.head(uploadKey(task))
  if (!upload) return task
  const marked = await markUploaded(db, task.id, upload)
  if (marked?.status === 'queued') await dispatcher.hint(marked.id, marked.attempt)
  return marked ?? (await findTask(db, task.customerId, task.id)) ?? task
}

/**
 * Handles an upload to a task in any state: records the file of a new one, deletes that of one that
 * is done, deleted or of a wrong type.
 * @returns the task as it is now
 */
export async function reconcileUpload(services: TaskServices, task: Task): Promise<Task> {
  const noticed = await detectUpload(services, task)
  const { status, failureCause, originalKept } = noticed
  const isUnwanted = status === 'deleted' || failureCause === 'CONTENT_TYPE_ERROR' || originalKept
  if (isUnwanted) await deleteStaleFiles(services, noticed)
  return noticed
}

/**
 * Starts a new task now, whatever its start_on says; without a file it fails with
 * TASK_FILE_DOESNT_EXIST. A task that is not new is unchanged.
 * @returns the task as it is now
 */
export async function startTask(services: TaskServices, task: PolledTask): Promise<PolledTask> {
  const { db, dispatcher } = services
  const noticed = await detectUpload(services, task)
  if (noticed.status !== 'new') return noticed
  if (noticed.uploadTime === null) {
    const failed = await failNewTask(db, task.id, 'TASK_FILE_DOESNT_EXIST', 'The start was requested before a file was uploaded.')
    return failed ?? startTask(services, (await findTask(db, task.customerId, task.id)) ?? task)
  }
  const [queued] = await db.query<Task>(
    `update tasks set status = 'queued', ready_time = now(), due_time = null
     where id = $1 and status = 'new' and upload_time is not null
     returning ${TASK_COLUMNS}`,
    [task.id],
  )
  if (queued) await dispatcher.hint(queued.id, queued.attempt)
  return queued ?? (await findTask(db, task.customerId, task.id)) ?? task
}

/** Never a type that a browser would execute, whatever the uploader declared. */
export function originalType({ uploadType, outputFormat }: Pick<Task, 'uploadType' | 'outputFormat'>): string {
  if (outputFormat) return `image/${outputFormat}`
  return uploadKind(uploadType ?? undefined) === 'image' ? uploadType!.split(';')[0].trim() : 'application/octet-stream'
}
