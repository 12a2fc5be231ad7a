import { ContractError, type Db } from '@obscura/shared'
import { LRUCache } from 'lru-cache'
import { RateLimiterPostgres } from 'rate-limiter-flexible'

/** Attempts allowed within a number of seconds after the first. */
export interface Allowance {
  points: number
  seconds: number
}

/** Counts attempts by key in the database, for all API processes. */
export interface Limiter {
  /**
   * Checks only the memory of this process, which remembers refused keys.
   * @throws ContractError attemptsExceeded
   */
  check(key: string): void
  /**
   * Counts an attempt.
   * @returns the number of attempts
   * @throws ContractError attemptsExceeded when there are too many
   */
  count(key: string): Promise<number>
  /** Uncounts an attempt. */
  takeBack(key: string): Promise<void>
  forgiveAll(key: string): Promise<void>
}

/** Refused keys that are remembered. */
const CACHE_SIZE = 10_000

/** Counts under a prefix in the table `attempts`. */
export function createLimiter(db: Db, keyPrefix: string, { points, seconds }: Allowance): Limiter {
  const counts = new RateLimiterPostgres({
    storeClient: { query: (query: Query) => run(db, query) },
    storeType: 'client',
    tableName: 'attempts',
    tableCreated: true,
    keyPrefix,
    points,
    duration: seconds,
  })
  const refused = new LRUCache<string, true>({ max: CACHE_SIZE })
  const refuse = () => {
    throw new ContractError('attemptsExceeded')
  }

  return {
    check(key) {
      if (refused.has(key)) refuse()
    },
    async count(key) {
      const { consumedPoints, msBeforeNext } = await counts.penalty(key)
      if (consumedPoints > points) {
        refused.set(key, true, { ttl: Math.max(1, Math.min(msBeforeNext, seconds * 1000)) })
        refuse()
      }
      return consumedPoints
    },
    async takeBack(key) {
      await counts.reward(key)
    },
    async forgiveAll(key) {
      await counts.delete(key)
      refused.delete(key)
    },
  }
}

interface Query {
  text: string
  values?: unknown[]
}

async function run(db: Db, { text, values }: Query) {
  const rows = await db.query(text, values)
  return { rows, rowCount: rows.length }
}
