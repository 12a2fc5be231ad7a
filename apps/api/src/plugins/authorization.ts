import { type Logger, noteEvent } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import '../request.js'
import { TokenRefusedError, type Tokens } from '../access/tokens.js'

/** Requires a valid access token for the routes of `app`, and sets the caller on the request. */
export function requireToken(app: FastifyInstance, tokens: Tokens): void {
  app.decorateRequest('caller')
  app.addHook('onRequest', async request => {
    try {
      request.caller = await tokens.verify(request.headers.authorization)
    } catch (error) {
      if (error instanceof TokenRefusedError)
        noteEvent(request.log as Logger, 'token_refused', { reason: error.reason, address: request.ip })
      throw error
    }
  })
}
