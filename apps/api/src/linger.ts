/**
 * Answers clients that are still sending. Closing immediately would reset the connection and lose
 * the response; many clients read it only after they have sent everything.
 */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isBodyIncomplete } from './request-body.js'

/** How long to read the rest of a refused body. */
const LINGER_MS = 60_000
/** Maximum pause in it. */
const LINGER_IDLE_MS = 5000

/** Sends `body` immediately, and closes the connection when the client has stopped sending. */
export function sendAndLinger(request: FastifyRequest, reply: FastifyReply, body: string): FastifyReply {
  if (!isBodyIncomplete(request.raw)) return reply.send(body)
  reply.headers({ connection: 'close', 'content-length': Buffer.byteLength(body) })
  return reply.send(Readable.from(lingering(request.raw, body)))
}

// With a Content-Length the response is complete before the connection closes.
async function* lingering(raw: IncomingMessage, body: string): AsyncGenerator<string> {
  yield body
  await drained(raw)
}

function drained(raw: IncomingMessage): Promise<void> {
  return new Promise(resolve => {
    const timers = [setTimeout(resolve, LINGER_MS), setTimeout(resolve, LINGER_IDLE_MS)]
    // Not resume(), which does nothing while an abandoned reader still waits for a chunk.
    raw.on('data', () => timers[1].refresh())
    for (const event of ['end', 'close', 'error']) raw.once(event, resolve)
    raw.once('close', () => timers.forEach(clearTimeout))
    if (!isBodyIncomplete(raw)) resolve()
  })
}
