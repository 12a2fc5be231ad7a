import { ContractError, startTask, statusResponse } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { ErrorResponse, StatusResponse, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { requestedTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'
import { resultUrls } from './task-urls.js'

const schema = taskSchema('Start a task whose start_on is start_request', StatusResponse, {
  description: 'Needs no body. Does not change a task that is queued, processing or finished; a task without a file fails.',
  params: TaskPath,
  response: { 404: ErrorResponse },
})

/** POST /v2/task/{id}/start */
export function startTaskRoute(app: FastifyInstance, dependencies: ApiDependencies, findTask: TaskFinder): void {
  const { store, settings } = dependencies
  app.post<TaskRoute>('/v2/task/:id/start', { schema }, async request => {
    const task = await requestedTask(findTask, request)
    if (task.status === 'deleted') throw new ContractError('taskDeleted')
    const started = await startTask(dependencies, task)
    return statusResponse(started, await resultUrls(store, settings.publicUrl(), started))
  })
}
