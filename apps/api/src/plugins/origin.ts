import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance } from 'fastify'

const origins = new AsyncLocalStorage<string | undefined>()

/** Host names, IPv4 and bracketed IPv6 addresses, each with or without a port. */
const PLAIN_HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i

/** A proxy may hand on what a client wrote there. */
const PLAIN_PROTOCOL = /^https?$/

/**
 * The origin at which the client of the current request reached the API, such as
 * `http://192.168.1.20:8080`: URLs that start with it work for that client, whatever name it uses
 * for this machine. Undefined outside a request and for an invalid Host header.
 */
export function requestOrigin(): string | undefined {
  return origins.getStore()
}

/**
 * Makes {@link requestOrigin} available in the handlers of all routes: not earlier, because reading
 * a body loses the context.
 */
export function rememberOrigin(app: FastifyInstance): void {
  app.addHook('preHandler', ({ protocol, host }, _reply, done) => {
    const isPlain = PLAIN_HOST.test(host) && PLAIN_PROTOCOL.test(protocol)
    origins.run(isPlain ? `${protocol}://${host}` : undefined, done)
  })
}
