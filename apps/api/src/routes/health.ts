import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Tokens } from '../access/tokens.js'
import type { ApiDependencies } from '../settings.js'
import { type Checks, isReady } from './readiness.js'

const alive = {
  summary: 'Report whether the process is alive',
  description: 'With an access token also the profile and the models that it detects with.',
  tags: ['service'],
  security: [{}, { accessToken: [] }] as Record<string, string[]>[],
}

/**
 * GET /health: the process responds, and tells users what it detects with. GET /ready: the services
 * it needs respond too.
 */
export function healthRoutes(app: FastifyInstance, { models }: ApiDependencies, tokens: Tokens, checks: Checks): void {
  // Probes send no token: what the operator's models are called is for users.
  const isUser = ({ headers: { authorization } }: FastifyRequest) =>
    authorization !== undefined &&
    tokens.verify(authorization).then(
      () => true,
      () => false,
    )
  app.get('/health', { schema: alive }, async request => ({
    status: 'ok',
    ...(models && (await isUser(request)) && { models }),
  }))

  app.get('/ready', { schema: { summary: 'Whether requests can be served', tags: ['service'] } }, async (request, reply) => {
    const results = await checks(request.log)
    const ready = isReady(results)
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks: Object.fromEntries(results) })
  })
}
