import { type Db, type LookAction, recordLook } from '@obscura/shared'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'

/** Sessions and tasks that are remembered by {@link createFirstLooks}. */
const CACHE_SIZE = 20_000

/** Records in the audit log that the caller is given access to a file of a task. */
export async function recordCallersLook(db: Db, request: FastifyRequest, action: LookAction, taskId: number): Promise<void> {
  const { customerId, userId, username } = request.caller
  await recordLook(db, { action, customerId, userId, username, taskId, address: request.ip })
}

/**
 * Records the URL of an original in GET task once for each session, task and address: clients poll,
 * and each response has a new URL of the same file.
 */
export function createFirstLooks(db: Db): (request: FastifyRequest, taskId: number) => Promise<void> {
  const seen = new LRUCache<string, true>({ max: CACHE_SIZE })
  return async (request, taskId) => {
    const key = `${request.caller.sessionId} ${taskId} ${request.ip}`
    if (seen.has(key)) return
    await recordCallersLook(db, request, 'original_url', taskId)
    seen.set(key, true)
  }
}
