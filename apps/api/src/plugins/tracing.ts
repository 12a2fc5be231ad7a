import { type RequestEnd, traceRequest } from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Traces every request; see tracing in packages/shared. */
export function traceRequests(app: FastifyInstance): void {
  const ends = new WeakMap<FastifyRequest, (end: RequestEnd) => void>()
  app.addHook('onRequest', async request => {
    ends.set(request, traceRequest(request.method, request.headers))
  })
  app.addHook('onResponse', async (request, { statusCode: status }) => {
    const { id: taskId } = (request.params ?? {}) as { id?: string }
    ends.get(request)?.({ route: request.routeOptions.url, status, taskId })
  })
}
