import { type Logger, recordEvent } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { type Caller, TokenRefusedError, type Tokens } from '../access/tokens.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; set on every route that requires an access token. */
    caller: Caller
  }
}

/** Requires a valid access token for the routes of `app`, and sets the caller on the request. */
export function requireToken(app: FastifyInstance, tokens: Tokens): void {
  app.decorateRequest('caller')
  app.addHook('onRequest', async request => {
    try {
      request.caller = await tokens.verify(request.headers.authorization)
    } catch (error) {
      if (error instanceof TokenRefusedError)
        recordEvent(request.log as Logger, 'token_refused', { reason: error.reason, address: request.ip })
      throw error
    }
  })
}
