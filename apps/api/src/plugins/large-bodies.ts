import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { createFairQueue } from '../access/fair-queue.js'

/** Bytes of a body that is read in a millisecond, whatever it contains. */
const SMALL_BODY = 16 * 1024

/**
 * Lets requests with large bodies reach their routes one in each turn of the event loop. JSON of
 * the largest size takes up to a tenth of a second to read: of many that end at the same moment,
 * each would otherwise be read before anything else is answered. For routes that require a
 * token; customers take turns.
 */
export function readLargeBodiesInTurn(app: FastifyInstance, maxWaiting: number): void {
  const inTurn = createFairQueue(1, maxWaiting, 'unavailable')
  app.addHook('preHandler', async ({ body, caller }) => {
    if (body instanceof Uint8Array && body.length > SMALL_BODY) await inTurn(caller.customerId, () => turn())
  })
}
