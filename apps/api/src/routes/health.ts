import { ShortageError } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import type { ApiDependencies } from '../settings.js'

/** Timeout of one check of /ready. */
const CHECK_MS = 5000
/** Without hints, tasks only start later: clients need not be turned away. */
const DISPENSABLE = 'dispatcher'

/** GET /health: the process responds. GET /ready: the services it needs respond too. */
export function healthRoutes(app: FastifyInstance, { db, store, dispatcher, disk, readiness }: ApiDependencies): void {
  const checks = {
    database: () => db.query('select 1'),
    store: () => store.check(),
    dispatcher: () => dispatcher.check(),
    ...(disk && { disk: () => disk.require(0) }),
    ...readiness,
  }

  app.get('/health', { schema: { summary: 'Report whether the process is alive', tags: ['service'] } }, async () => ({
    status: 'ok',
  }))

  app.get(
    '/ready',
    { schema: { summary: 'Report whether requests can be served', tags: ['service'] } },
    async (request, reply) => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => {
          try {
            await withinTime(check())
            return [name, 'ok'] as const
          } catch (error) {
            // A shortage has been logged already, and its message contains nothing confidential.
            if (error instanceof ShortageError) return [name, error.message] as const
            request.log.error({ err: error, check: name }, 'Not ready.')
            return [name, 'failed'] as const
          }
        }),
      )
      const ready = results.every(([name, result]) => result === 'ok' || name === DISPENSABLE)
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks: Object.fromEntries(results) })
    },
  )
}

async function withinTime(check: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No response within ${CHECK_MS} ms.`)), CHECK_MS)
  })
  await Promise.race([check, late]).finally(() => clearTimeout(timer))
}
