/**
 * Answers to clients that are still sending. Closing at once would reset the connection, and the answer with it; many clients look for one only
 * after they have sent everything.
 */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isArriving } from './arrival.js'

/** How long the rest of a refused body is read. */
const LINGER_MS = 60_000
/** How long a pause in it may be. */
const LINGER_IDLE_MS = 5000

/** Sends `body` at once, and closes the connection when the client has stopped sending. */
export function sendAndLinger(request: FastifyRequest, reply: FastifyReply, body: string): FastifyReply {
  if (!isArriving(request.raw)) return reply.send(body)
  reply.headers({ connection: 'close', 'content-length': Buffer.byteLength(body) })
  return reply.send(Readable.from(lingering(request.raw, body)))
}

// With the length in its head the answer is whole before the connection ends.
async function* lingering(raw: IncomingMessage, body: string): AsyncGenerator<string> {
  yield body
  await drained(raw)
}

function drained(raw: IncomingMessage): Promise<void> {
  return new Promise(resolve => {
    const timers = [setTimeout(resolve, LINGER_MS), setTimeout(resolve, LINGER_IDLE_MS)]
    // Not resume(), which does nothing while a reader that was left still waits for one more chunk.
    raw.on('data', () => timers[1].refresh())
    for (const event of ['end', 'close', 'error']) raw.once(event, resolve)
    raw.once('close', () => timers.forEach(clearTimeout))
    if (!isArriving(raw)) resolve()
  })
}
