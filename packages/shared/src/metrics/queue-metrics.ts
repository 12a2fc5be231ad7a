/** Length and age of the queue, queried from the database whenever the metrics are read. */
import { Gauge, type Registry, register } from 'prom-client'
import type { Queryable } from '../db/db.js'

// Beyond this the exact number is useless, and counting takes long (0.1 s for 100,000 rows).
const MAX_COUNTED = 100_000

/** State of the queue. */
export interface Queue {
  /** Tasks waiting for a worker, at most 100,000. */
  queued: number
  /** Tasks held by a worker. */
  processing: number
  /** Waiting time of the oldest of them in seconds; 0 when none is waiting. */
  oldestSeconds: number
}

/** Counts waiting and running tasks; waiting times in seconds. */
export async function readQueue(db: Queryable): Promise<Queue> {
  const [queue] = await db.query<Queue>(
    `select
       (select count(*) from tasks where status = 'processing') as processing,
       count(*) as queued,
       greatest(0, coalesce(extract(epoch from now() - min(ready_time)), 0))::float as "oldestSeconds"
     from (select ready_time from tasks where status = 'queued' order by ready_time limit $1) as waiting`,
    [MAX_COUNTED],
  )
  return queue
}

const GAUGES: [name: string, help: string, value: (queue: Queue | undefined) => number][] = [
  ['obscura_database_up', '1 while the database responds', queue => (queue ? 1 : 0)],
  // Without a result there is no figure: an old one would look like a stalled queue.
  ['obscura_queue_tasks', 'Tasks waiting for a worker', queue => queue?.queued ?? Number.NaN],
  ['obscura_processing_tasks', 'Tasks held by a worker', queue => queue?.processing ?? Number.NaN],
  ['obscura_queue_age_seconds', 'Waiting time of the oldest queued task', queue => queue?.oldestSeconds ?? Number.NaN],
]

/**
 * Adds the queue's gauges, once; every process on the same database reports the same values, so
 * take their maximum.
 */
export function measureQueue(db: Queryable, registry: Registry = register): void {
  if (registry.getSingleMetric(GAUGES[0][0])) return
  let asked: Promise<Queue | undefined> | undefined
  // The gauges are read together, with one query for all of them.
  const ask = () => {
    asked ??= readQueue(db)
      .catch(() => undefined)
      .finally(() => setImmediate(() => (asked = undefined)))
    return asked
  }
  for (const [name, help, value] of GAUGES) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(value(await ask()))
      },
    })
  }
}
