import type { FastifyInstance } from 'fastify'
import '../request.js'
import type { Tokens } from '../access/tokens.js'

/** Lets only requests with a valid access token through to the routes of `app`, and tells them who asks. */
export function requireToken(app: FastifyInstance, tokens: Tokens): void {
  app.decorateRequest('caller')
  app.addHook('onRequest', async request => {
    request.caller = await tokens.verify(request.headers.authorization)
  })
}
