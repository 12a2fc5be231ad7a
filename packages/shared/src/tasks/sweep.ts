/**
 * Sweeping of tasks: it alone guarantees that every accepted task ends. Any number of sweepers may
 * run.
 */
import type { TaskStatus } from '@obscura/contract'
import type { Queryable } from '../db/db.js'
import { deleteStaleFiles } from './files.js'
import { failMissingUpload } from './finish.js'
import { TASK_COLUMNS, type Task } from './task.js'
import { detectUpload, type TaskServices } from './upload.js'

/**
 * Takes at most `limit` due tasks and schedules their next check: new ones for their file (after
 * half their age, so at growing intervals), ended ones for stale files. Queued ones are found by
 * workers, see countReady.
 */
export async function takeDueTasks(db: Queryable, limit: number): Promise<Task[]> {
  return db.query<Task>(
    `update tasks set due_time = now() + case status
       when 'new' then least(interval '10 minutes', greatest(interval '5 seconds', (now() - to_timestamp(id / 1000000)) / 2))
       when 'queued' then null
       else interval '1 minute'
     end
     where id in (
       select id from tasks where due_time <= now()
       order by due_time
       limit $1
       for update skip locked
     )
     returning ${TASK_COLUMNS}`,
    [limit],
  )
}

const sweepers: Record<TaskStatus, (services: TaskServices, task: Task) => Promise<unknown>> = {
  new: sweepNew,
  queued: async () => undefined,
  processing: async () => undefined,
  done: deleteStaleFiles,
  failed: deleteStaleFiles,
  deleted: deleteStaleFiles,
}

/** Handles one due task according to its status. */
export async function sweepTask(services: TaskServices, task: Task): Promise<void> {
  await sweepers[task.status](services, task)
}

async function sweepNew(services: TaskServices, task: Task): Promise<void> {
  const noticed = await detectUpload(services, task)
  if (noticed.status === 'new' && noticed.uploadTime === null) await failMissingUpload(services.db, task.id)
}
