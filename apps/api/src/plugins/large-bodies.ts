import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { createFairQueue } from '../access/fair-queue.js'

/** Bytes of a body that is read in a millisecond, whatever it contains. */
const SMALL_BODY = 16 * 1024

/**
 * Lets requests with large bodies reach their routes one after the other, with a pause before each
 * that is as long as it may take to read: up to a tenth of a second, in which nothing else is
 * answered and nobody let in. Half of the time is so left for everything else. For routes that
 * require a token; customers take turns.
 */
export function readLargeBodiesInTurn(app: FastifyInstance, maxWaiting: number): void {
  const inTurn = createFairQueue(1, maxWaiting, 'unavailable')
  app.addHook('preHandler', async ({ body, caller }) => {
    if (body instanceof Uint8Array && body.length > SMALL_BODY)
      await inTurn(caller.customerId, () => sleep(body.length / SMALL_BODY))
  })
}
