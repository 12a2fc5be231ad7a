import { type Demand, demandOf } from './demand.js'
import type { Values } from './figures.js'

/** A component with one instance until it is divided. */
export interface Limit {
  part: string
  /** How much of it `demand` takes: 1 is all of it. */
  load(demand: Demand, values: Values): number
  /** What to do beyond. */
  remedy: string
}

export const LIMITS: readonly Limit[] = [
  {
    part: 'PostgreSQL: rows',
    load: (d, v) => d.rowsPerYear / v.rowsLimit,
    remedy: 'partition `tasks` by id, which is time; drop or archive old partitions',
  },
  {
    part: 'PostgreSQL: writes',
    load: (d, v) => d.writes / v.writesLimit,
    remedy: 'installations by customer, each with a database of its own',
  },
  {
    part: 'PostgreSQL: statements',
    load: (d, v) => d.statements / v.statementsLimit,
    remedy: 'webhooks instead of status requests; installations by customer',
  },
  {
    part: 'PostgreSQL: connections',
    load: (d, v) => d.connections / v.connectionsLimit,
    remedy: 'larger worker machines; PgBouncer between',
  },
  {
    part: 'Redis: commands',
    load: (d, v) => d.redisCommands / v.redisLimit,
    remedy: 'leave REDIS_URL unset: busy workers find tasks without hints',
  },
  {
    part: 'S3: writes of one prefix',
    load: (d, v) => d.s3Writes / v.s3WritesLimit,
    remedy: 'keys begin with the customer: S3 divides by it; several buckets',
  },
  { part: 'S3: reads of one prefix', load: (d, v) => d.s3Reads / v.s3ReadsLimit, remedy: 'as for writes' },
  {
    part: 'S3: bandwidth',
    load: (d, v) => d.bandwidth / v.bandwidthLimit,
    remedy: 'several buckets on several clusters, workers beside their bucket',
  },
]

/** How many times each part is needed, the most loaded first. */
export function loadsOf(demand: Demand, values: Values): { limit: Limit; load: number }[] {
  return LIMITS.map(limit => ({ limit, load: limit.load(demand, values) })).sort((a, b) => b.load - a.load)
}

/** Images a day at which a part is used up. */
export function reach(limit: Limit, values: Values): number {
  let [low, high] = [0, 15]
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (limit.load(demandOf(10 ** middle, values), values) < 1) low = middle
    else high = middle
  }
  return 10 ** low
}
