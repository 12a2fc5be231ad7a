import { statusResponse } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { StatusResponse, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { currentTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'
import { resultUrls } from './task-urls.js'

const schema = taskSchema("Get a task's status", StatusResponse, { params: TaskPath })

/** GET /v2/task/{id}/status: what clients poll. */
export function taskStatusRoute(app: FastifyInstance, dependencies: ApiDependencies, findTask: TaskFinder): void {
  const { store, settings } = dependencies
  app.get<TaskRoute>('/v2/task/:id/status', { schema }, async request => {
    const task = await currentTask(dependencies, findTask, request)
    return statusResponse(task, await resultUrls(store, settings.publicUrl(), task))
  })
}
