/** The queue of revisions that have to be rendered: one row a task, so that only its newest is. */
import { randomUUID } from 'node:crypto'
import type { Edits, FailureCause, TaskParameters } from '@obscura/contract'
import type { Db, Queryable } from '../db/db.js'
import type { TaskResult } from './finish.js'
import { RENDERING_TURN } from './shares.js'
import { STALE_FILES_DELAY, TASK_COLUMNS, type Task } from './task.js'

/** A task to render now. */
export interface Rendering {
  task: Task
  /** The newest revision. */
  revision: number
  edits: Edits
  parameters: TaskParameters
  /** Number of this attempt, from 1. */
  tries: number
  /** Only its last claim can end a rendering. */
  lease: string
}

/**
 * Claims a rendering that is due, for `seconds`: that of the customer who has used the least time,
 * and of its own the one that is due longest. Undefined when none is.
 */
export async function claimRendering(db: Queryable, seconds: number): Promise<Rendering | undefined> {
  const lease = randomUUID()
  const [row] = await db.query<Task & { tries: number; edits: Edits; newParameters: TaskParameters }>(
    `with due as (
       update renderings set tries = tries + 1, lease = $1, due_time = now() + make_interval(secs => $2)
       where task_id = (
         select task_id from renderings
         join tasks on tasks.id = task_id
         join customers on customers.id = customer_id
         where renderings.due_time <= now()
         order by ${RENDERING_TURN}, renderings.due_time limit 1
         for update of renderings skip locked
       )
       returning task_id, tries
     )
     select ${TASK_COLUMNS}, due.tries, revisions.edits, revisions.parameters as "newParameters"
     from due join tasks on tasks.id = due.task_id
     join revisions on revisions.task_id = tasks.id and revisions.revision = tasks.revision`,
    [lease, seconds],
  )
  if (!row) return undefined
  const { tries, edits, newParameters, ...task } = row
  return { task, revision: task.revision, edits, parameters: newParameters, tries, lease }
}

/** Keeps a rendering for `seconds` more. @returns false when the claim is lost */
export async function renewRendering(db: Queryable, { task, lease }: Rendering, seconds: number): Promise<boolean> {
  const renewed = await db.query(
    'update renderings set due_time = now() + make_interval(secs => $3) where task_id = $1 and lease = $2 returning task_id',
    [task.id, lease, seconds],
  )
  return renewed.length > 0
}

/**
 * Makes the rendered revision the one that the task shows, at once with its detections and
 * parameters, and ends the rendering unless there is a newer revision. Files of earlier revisions
 * are deleted by a later sweep.
 * @returns undefined when the claim is lost: the files must be discarded
 */
export async function completeRendering(db: Db, rendering: Rendering, result: TaskResult): Promise<Task | undefined> {
  const { id } = rendering.task
  return db.transaction(async tx => {
    // The order of locks is that of corrections: first the task.
    await tx.query('select from tasks where id = $1 for update', [id])
    const held = await tx.query('select from renderings where task_id = $1 and lease = $2 for update', [id, rendering.lease])
    if (held.length === 0) return undefined
    const [task] = await tx.query<Task>(
      `update tasks set rendered_revision = $2, parameters = $3::jsonb, detections = $4::jsonb, output_format = $5,
         output_width = $6, output_height = $7, warnings = $8::jsonb, result_bytes = coalesce($9, result_bytes), due_time = now() + ${STALE_FILES_DELAY}
       where id = $1 and status = 'done'
       returning ${TASK_COLUMNS}`,
      [
        id,
        rendering.revision,
        JSON.stringify(rendering.parameters),
        JSON.stringify(result.detections),
        result.outputFormat ?? null,
        result.outputWidth,
        result.outputHeight,
        JSON.stringify(result.warnings ?? []),
        result.resultBytes ?? null,
      ],
    )
    await (task && task.revision > rendering.revision
      ? tx.query('update renderings set tries = 0, lease = null, due_time = now() where task_id = $1', [id])
      : tx.query('delete from renderings where task_id = $1', [id]))
    return task
  })
}

/** Hands a rendering back: it is due again after `seconds`. */
export async function postponeRendering(db: Queryable, { task, lease }: Rendering, seconds: number): Promise<void> {
  await db.query(
    'update renderings set lease = null, due_time = now() + make_interval(secs => $3) where task_id = $1 and lease = $2',
    [task.id, lease, seconds],
  )
}

/** Gives a rendering up: the task keeps its files, and says why until the next correction. */
export async function failRendering(db: Db, { task, lease, revision }: Rendering, cause: FailureCause): Promise<void> {
  await db.transaction(async tx => {
    const [{ newest } = { newest: undefined }] = await tx.query<{ newest: number | undefined }>(
      'select revision as newest from tasks where id = $1 for update',
      [task.id],
    )
    const held = await tx.query('select from renderings where task_id = $1 and lease = $2 for update', [task.id, lease])
    if (held.length === 0) return
    // A correction that came meanwhile may do better.
    if (newest !== revision) {
      await tx.query('update renderings set tries = 0, lease = null, due_time = now() where task_id = $1', [task.id])
      return
    }
    await tx.query('update tasks set rendering_failure = $2 where id = $1', [task.id, cause])
    await tx.query('delete from renderings where task_id = $1', [task.id])
  })
}

/** Makes all renderings due now: for the start of the only process, whose predecessor is dead. */
export async function expireRenderings(db: Queryable): Promise<void> {
  await db.query('update renderings set lease = null, due_time = now()')
}
