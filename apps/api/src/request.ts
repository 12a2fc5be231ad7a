import type { Caller } from './access/tokens.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; set on every route that requires an access token. */
    caller: Caller
    /** The original Content-Type header; Fastify does not see it. */
    declaredType: string | undefined
  }
}
