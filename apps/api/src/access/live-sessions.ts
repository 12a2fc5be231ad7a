import { type Db, endSession, endSessions, isSession } from '@obscura/shared'
import { LRUCache } from 'lru-cache'

/**
 * Cache of live sessions. It notices the end of a session immediately when it ended in this
 * process, within seconds otherwise.
 */
export interface LiveSessions {
  isLive(id: string, userId: string): Promise<boolean>
  end(id: string): Promise<void>
  /** Ends all sessions of a user except `except`. @returns how many */
  endAll(userId: string, except?: string): Promise<number>
  /** Must be called when sessions were ended without this object. */
  forget(): void
}

/**
 * How long a result of the database is cached: clients poll, some of them several times a second.
 */
const MAX_AGE_MS = 2_000
const CACHE_SIZE = 10_000

/** Sessions looked up in the database and remembered for two seconds. */
export function createLiveSessions(db: Db): LiveSessions {
  const cache = new LRUCache<string, { live: boolean }, { id: string; userId: string }>({
    max: CACHE_SIZE,
    ttl: MAX_AGE_MS,
    fetchMethod: async (_key, _stale, { context: { id, userId } }) => ({ live: await isSession(db, id, userId) }),
  })
  return {
    isLive: async (id, userId) => (await cache.fetch(`${id} ${userId}`, { context: { id, userId } }))?.live ?? false,
    async end(id) {
      await endSession(db, id)
      cache.clear()
    },
    async endAll(userId, except) {
      const count = await endSessions(db, userId, except)
      cache.clear()
      return count
    },
    forget: () => cache.clear(),
  }
}
