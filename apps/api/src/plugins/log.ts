import type { FastifyInstance } from 'fastify'

/**
 * One line a request, by the route's pattern: URLs carry signatures. Reading is logged at level debug only, because clients poll.
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
