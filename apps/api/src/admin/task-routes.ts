/**
 * Routes for `obscura tasks`, served by the process that has the embedded database open; see
 * socket.ts.
 *
 *     POST /admin/tasks/select {status?, cause?, customer?, createdFrom?, createdBefore?,
 *                               endedFrom?, before?, limit} -> 200 [ListedTask]
 *     GET  /admin/tasks/{id}        -> 200 InspectedTask; 404 when there is none
 *     POST /admin/tasks/{id}/retry  -> 200 Retried
 *     POST /admin/tasks/labels {ids: [...]} -> 200 LabelsOfTasks
 *
 * Times are ISO 8601. The caller is our own command line, so bodies are not validated.
 */
import {
  ContractError,
  inspectTask,
  labelsOfTasks,
  type RawBody,
  readJsonBody,
  readTaskId,
  retryFailed,
  selectTasks,
  type TaskSelection,
} from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { TaskRoute } from '../routes/requested-task.js'
import type { ApiDependencies } from '../settings.js'

/** Routes of the admin socket for `obscura tasks`. */
export function adminTaskRoutes(app: FastifyInstance, { db, store }: ApiDependencies): void {
  app.post<{ Body: RawBody }>('/admin/tasks/select', async request => {
    const body = readJsonBody(request.body)
    if (body.kind !== 'object') throw new ContractError('badRequest')
    return selectTasks(db, withTimes(body.value))
  })

  app.post<{ Body: RawBody }>('/admin/tasks/labels', async request => {
    const body = readJsonBody(request.body)
    if (body.kind !== 'object') throw new ContractError('badRequest')
    return labelsOfTasks(db, store, body.value.ids as number[])
  })

  app.get<TaskRoute>('/admin/tasks/:id', async request => {
    const task = await inspectTask(db, store, idOf(request))
    if (!task) throw new ContractError('notFound')
    return task
  })

  app.post<TaskRoute>('/admin/tasks/:id/retry', async request => retryFailed(db, store, idOf(request)))
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
