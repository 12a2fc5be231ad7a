/**
 * What `obscura tasks` asks of the service that has the embedded database open; see plugins/admin.ts.
 *
 *     POST /admin/tasks/select {status?, cause?, customer?, createdFrom?, createdBefore?, endedFrom?, before?, limit} -> 200 [ListedTask]
 *     GET  /admin/tasks/{id}                                                                -> 200 InspectedTask; 404 when there is none
 *     POST /admin/tasks/{id}/retry                                                          -> 200 Retried
 *
 * Times are ISO 8601. The caller is our own command line, so its bodies are not judged.
 */
import {
  ContractError,
  inspectTask,
  type RawBody,
  readJsonBody,
  readTaskId,
  retryFailed,
  selectTasks,
  type TaskSelection,
} from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { requireAdmin } from '../plugins/admin.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskRoute } from './requested-task.js'

const schema = { hide: true }

export function adminTaskRoutes(app: FastifyInstance, { db, store }: ApiDependencies, secret: string): void {
  requireAdmin(app, secret)

  app.post<{ Body: RawBody }>('/admin/tasks/select', { schema }, async request => {
    const body = readJsonBody(request.body)
    if (body.kind !== 'object') throw new ContractError('badRequest')
    return selectTasks(db, withTimes(body.value))
  })

  app.get<TaskRoute>('/admin/tasks/:id', { schema }, async request => {
    const task = await inspectTask(db, store, idOf(request))
    if (!task) throw new ContractError('notFound')
    return task
  })

  app.post<TaskRoute>('/admin/tasks/:id/retry', { schema }, async request => retryFailed(db, store, idOf(request)))
}

function withTimes(body: Record<string, unknown>): TaskSelection {
  const time = (name: string) => (typeof body[name] === 'string' ? new Date(body[name]) : undefined)
  const times = { createdFrom: time('createdFrom'), createdBefore: time('createdBefore'), endedFrom: time('endedFrom') }
  return { ...(body as unknown as TaskSelection), ...times }
}

function idOf({ params }: FastifyRequest<TaskRoute>): number {
  const id = readTaskId(params.id)
  if (!id) throw new ContractError('notFound')
  return id
}
