import { listWorkers, microsecondTime } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { nullableText, time } from '../../schemas.js'
import type { ApiDependencies } from '../../settings.js'
import { type Checks, isReady } from '../readiness.js'
import { adminSchema } from './admin-schema.js'

const modelUse = Type.Object({ name: Type.String(), sha256: Type.String() })
const ServiceResponse = Type.Object({
  checks: Type.Record(Type.String(), Type.String(), { description: 'As in /ready: ok, or what is wrong.' }),
  ready: Type.Boolean(),
  retention_days: Type.Integer({ description: 'RETENTION_DAYS; 0: files are kept.' }),
  task_rows_days: Type.Integer({ description: 'TASK_ROWS_DAYS; 0: rows are kept.' }),
  four_eyes: Type.Boolean(),
  workers: Type.Array(
    Type.Object({
      worker: Type.String(),
      seen_time: time,
      profile: Type.String(),
      fingerprint: Type.String(),
      models: Type.Array(modelUse),
    }),
  ),
  models: Type.Array(
    Type.Object({
      ...{ name: Type.String(), title: Type.String(), licence: Type.String(), origin: Type.String(), training: Type.String() },
      finds: Type.Array(Type.String()),
      profiles: Type.Array(Type.String(), { description: 'That use it, on the machine of the API.' }),
      accuracy: Type.Unsafe<string | null>({ ...nullableText, description: 'As published, where it is of the catalogue.' }),
    }),
  ),
})

/** GET /v2/admin/service */
export function adminServiceRoute(app: FastifyInstance, { db, settings, aboutModels }: ApiDependencies, checks: Checks): void {
  app.get('/v2/admin/service', { schema: adminSchema('Health, models and retention', ServiceResponse) }, async request => {
    const results = await checks(request.log)
    return {
      checks: Object.fromEntries(results),
      ready: isReady(results),
      retention_days: settings.retentionDays,
      task_rows_days: settings.taskRowsDays,
      four_eyes: settings.fourEyes,
      workers: await workers(),
      models: (await aboutModels?.()) ?? [],
    }
  })

  async function workers() {
    return (await listWorkers(db)).map(({ owner, seenTime, models }) => ({
      worker: owner,
      seen_time: microsecondTime(seenTime.getTime() * 1000),
      ...models,
    }))
  }
}
