import type { FastifyInstance } from 'fastify'

/**
 * Logs one line per request with the pattern of the route, because URLs contain signatures. Reads
 * are logged at level debug, because clients poll.
 */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const level = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS' ? 'debug' : 'info'
    request.log[level](
      { method: request.method, route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    )
  })
}
