import { ShortageError } from '@obscura/shared'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
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

  /** The checks in progress: they write to the disk, and anybody may ask. */
  let asked: Promise<(readonly [name: string, result: string])[]> | undefined

  function ask(log: FastifyBaseLogger) {
    return Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          await withinTime(check())
          return [name, 'ok'] as const
        } catch (error) {
          // A shortage has been logged once, and shows nothing that must not be seen.
          if (error instanceof ShortageError) return [name, error.message] as const
          log.error({ err: error, check: name }, 'Not ready.')
          return [name, 'failed'] as const
        }
      }),
    )
  }

  app.get('/ready', { schema: { summary: 'Whether requests can be served', tags: ['service'] } }, async (request, reply) => {
    asked ??= ask(request.log).finally(() => {
      asked = undefined
    })
    const results = await asked
    const ready = results.every(([name, result]) => result === 'ok' || name === DISPENSABLE)
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks: Object.fromEntries(results) })
  })
}

async function withinTime(check: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No response within ${CHECK_MS} ms.`)), CHECK_MS)
  })
  await Promise.race([check, late]).finally(() => clearTimeout(timer))
}
