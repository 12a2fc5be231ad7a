import type { Caller } from './access/tokens.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends the request; set on every route that needs an access token. */
    caller: Caller
    /** The Content-Type header as it came; Fastify itself sees none. */
    declaredType: string | undefined
  }
}
