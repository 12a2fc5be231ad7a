/** Revisions of a task: what users corrected, in one order. */
import { type Changes, type Edits, noEdits, type TaskParameters, ValueError } from '@obscura/contract'
import type { Db, Queryable } from '../db/db.js'
import type { Task } from './task.js'

/** A state of a task's regions and parameters. */
export interface Revision {
  revision: number
  /** Who made it; null for revision 0, what was detected. */
  username: string | null
  createTime: Date
  changes: Changes | null
  edits: Edits
  parameters: TaskParameters
}

/** The next revision as a correction makes it of the newest. */
export type NewRevision = Pick<Revision, 'edits' | 'parameters'> & { changes: Changes }

/** The newest revision is another one than the client knows. */
export class RevisionConflictError extends Error {
  override readonly name = 'RevisionConflictError'
  constructor(readonly revision: number) {
    super(`The newest revision is ${revision}.`)
  }
}

/** Corrections of one task. */
export const MAX_REVISIONS = 500
/** Bytes that all revisions of a task take in the database: each holds all edits up to it. */
const MAX_STORED = 64 * 1024 ** 2
/** Characters of all their changes as JSON: they are listed in one response. */
const MAX_CHANGES = 4 * 1024 ** 2

const COLUMNS = 'revision, username, create_time as "createTime", changes, edits, parameters'

/**
 * Appends a revision and queues its rendering, which opens a review again; corrections that come at
 * once wait for each other.
 * @param expected the revision that the client knows; undefined: whichever is the newest
 * @param make is given the newest revision, and a reader of earlier ones; what it throws is passed
 * on, and nothing is changed
 * @returns the number of the revision; undefined when the task is not done
 * @throws RevisionConflictError; ValueError when the revisions of the task become too large
 */
export async function addRevision(
  db: Db,
  task: Pick<Task, 'id' | 'customerId'>,
  by: { userId: string; username: string },
  expected: number | undefined,
  make: (newest: Revision, earlier: (revision: number) => Promise<Revision | undefined>) => Promise<NewRevision>,
): Promise<number | undefined> {
  return db.transaction(async tx => {
    const [locked] = await tx.query<{ revision: number }>(
      `select revision from tasks where id = $1 and customer_id = $2 and status = 'done' for update`,
      [task.id, task.customerId],
    )
    if (!locked) return undefined
    if (expected !== undefined && expected !== locked.revision) throw new RevisionConflictError(locked.revision)
    await recordFirst(tx, task.id)
    const newest = (await findRevision(tx, task.id, locked.revision))!
    const { changes, edits, parameters } = await make(newest, revision => findRevision(tx, task.id, revision))
    await requireRoom(tx, task.id, JSON.stringify(changes).length)
    const next = newest.revision + 1
    await tx.query(
      `insert into revisions (task_id, revision, user_id, username, changes, edits, parameters)
       values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb)`,
      [task.id, next, by.userId, by.username, JSON.stringify(changes), JSON.stringify(edits), JSON.stringify(parameters)],
    )
    const [{ held }] = await tx.query<{ held: boolean }>(
      `update tasks set revision = $2, rendering_failure = null, reviewer = null, review_reason = null,
         review_status = case when review_status is not null then 'pending' end
       where id = $1
       returning review_status is not null as held`,
      [task.id, next],
    )
    if (held) await tx.query('delete from webhook_deliveries where task_id = $1', [task.id])
    // A rendering in progress sees at its end that there is a newer revision.
    await tx.query('insert into renderings (task_id) values ($1) on conflict (task_id) do nothing', [task.id])
    return next
  })
}

/** @throws ValueError when `characters` more of changes would be too many */
async function requireRoom(tx: Queryable, taskId: number, characters: number): Promise<void> {
  const [{ stored, listed }] = await tx.query<{ stored: number; listed: number }>(
    `select coalesce(sum(pg_column_size(edits) + pg_column_size(parameters)), 0)::float8 as stored,
       coalesce(sum(length(changes::text)), 0)::float8 as listed
     from revisions where task_id = $1`,
    [taskId],
  )
  if (stored > MAX_STORED || listed + characters > MAX_CHANGES)
    throw new ValueError('The corrections of this task have become too large: create a new task.')
}

/** Writes down what was detected, before the first correction. */
async function recordFirst(tx: Queryable, taskId: number): Promise<void> {
  const [task] = await tx.query<{ parameters: TaskParameters; count: number }>(
    `select parameters, coalesce(jsonb_array_length(detections), 0) as count from tasks where id = $1 and revision = 0`,
    [taskId],
  )
  if (!task) return
  await tx.query(
    `insert into revisions (task_id, revision, create_time, edits, parameters)
     select id, 0, finish_time, $2::jsonb, parameters from tasks where id = $1
     on conflict do nothing`,
    [taskId, JSON.stringify(noEdits(task.count))],
  )
}

/** A revision of a task; undefined when there is none, as of a task that was never corrected. */
export async function findRevision(db: Queryable, taskId: number, revision: number): Promise<Revision | undefined> {
  const [found] = await db.query<Revision>(`select ${COLUMNS} from revisions where task_id = $1 and revision = $2`, [
    taskId,
    revision,
  ])
  return found
}

/** The corrections of a task, oldest first, without what was detected. */
export async function listRevisions(
  db: Queryable,
  taskId: number,
): Promise<Pick<Revision, 'revision' | 'username' | 'createTime' | 'changes'>[]> {
  return db.query(
    `select revision, username, create_time as "createTime", changes from revisions
     where task_id = $1 and revision > 0 order by revision`,
    [taskId],
  )
}
