/** What each worker uses, so that a worker with other models than the rest is noticed. */
import type { ModelUse } from '@obscura/contract'
import type { Queryable } from '../db/db.js'

/** What a process detects with. */
export interface WorkerModels {
  /** The profile of tasks that choose none. */
  profile: string
  /** Equal where all manifests and profiles are equal: 12 hex digits. */
  fingerprint: string
  /** The networks of that profile, sorted by name. */
  models: readonly ModelUse[]
}

/** A worker that has not announced itself for this long has ended. */
const GONE_AFTER = `interval '3 minutes'`

/**
 * Records what a worker uses; to be repeated while it runs.
 * @returns what most of the other running workers use, where profile, manifests or profiles differ;
 * processors may compute the same models at different precisions
 */
export async function announceModels(db: Queryable, owner: string, mine: WorkerModels): Promise<WorkerModels | undefined> {
  await db.query(`delete from worker_models where seen_time < now() - ${GONE_AFTER}`)
  await db.query(
    `insert into worker_models (owner, models) values ($1, $2::jsonb)
     on conflict (owner) do update set models = excluded.models, seen_time = clock_timestamp()`,
    [owner, JSON.stringify(mine)],
  )
  const [usual] = await db.query<{ models: WorkerModels }>(
    `select (array_agg(models order by seen_time desc))[1] as models from worker_models where owner <> $1
     group by models->'profile', models->'fingerprint' order by count(*) desc, max(seen_time) desc limit 1`,
    [owner],
  )
  return usual && !isSame(usual.models, mine) ? usual.models : undefined
}

/** The workers that run, as they announced themselves. */
export async function listWorkers(db: Queryable): Promise<{ owner: string; seenTime: Date; models: WorkerModels }[]> {
  return db.query(
    `select owner, seen_time as "seenTime", models from worker_models where seen_time >= now() - ${GONE_AFTER} order by owner`,
  )
}

/** Forgets a worker that stops. */
export async function leaveModels(db: Queryable, owner: string): Promise<void> {
  await db.query('delete from worker_models where owner = $1', [owner])
}

function isSame(one: WorkerModels, other: WorkerModels): boolean {
  return one.profile === other.profile && one.fingerprint === other.fingerprint
}
