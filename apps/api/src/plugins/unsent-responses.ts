import { finished } from 'node:stream'
import { ContractError } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { networkOf } from '../access/network.js'

/** Bytes of a response that is not counted. */
const SMALL = 16 * 1024
/** Bytes of all responses that clients have not taken yet. */
const MOST = 256 * 1024 ** 2
/** The same of one customer or, where nobody is signed in, of one network. */
const MOST_OF_ONE = MOST / 4

/**
 * A response that is not a stream stays in memory until its client has taken it. Bounds what is
 * kept so, and closes connections whose clients take nothing for `idleMs`.
 */
export function boundUnsentResponses(app: FastifyInstance, idleMs: number): void {
  const kept = new Map<string, number>()
  let total = 0

  app.addHook('onSend', async (request, reply, payload) => {
    // Node ends this timeout with the response. An injected request has no real socket.
    request.raw.socket.setTimeout?.(idleMs)
    const bytes = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0
    if (bytes <= SMALL) return payload
    const owner = request.caller?.customerId ?? networkOf(request.ip)
    const ofOwner = (kept.get(owner) ?? 0) + bytes
    if (ofOwner > MOST_OF_ONE || total + bytes > MOST) throw new ContractError('unavailable')
    kept.set(owner, ofOwner)
    total += bytes
    finished(reply.raw, () => {
      const left = kept.get(owner)! - bytes
      if (left > 0) kept.set(owner, left)
      else kept.delete(owner)
      total -= bytes
    })
    return payload
  })
}
