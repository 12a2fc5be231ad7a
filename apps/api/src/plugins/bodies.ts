import type { FastifyInstance } from 'fastify'
import '../request.js'

/**
 * Hands every body on as text, whatever its Content-Type says. Clients send JSON as plain text, as a form, with no type at all, or a JSON type
 * with an empty body; what the text means is for the route to say, in the documented words.
 */
export function acceptAnyBody(app: FastifyInstance): void {
  app.decorateRequest('declaredType', undefined)
  app.addHook('onRequest', async request => {
    request.declaredType = request.headers['content-type']
    delete request.headers['content-type']
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
}
