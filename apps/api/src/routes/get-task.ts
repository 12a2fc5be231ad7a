import { ContractError, taskResponse, withLongParameters } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { createFirstLooks } from '../access/looks.js'
import { TaskPath, TaskQuerystring, TaskResponse } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { currentTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'
import { taskUrls } from './task-urls.js'

const schema = taskSchema('Get a task with its parameters and files', TaskResponse, {
  params: TaskPath,
  querystring: TaskQuerystring,
})

interface GetTaskRoute extends TaskRoute {
  Querystring: { original?: unknown }
}

/** GET /v2/task/{id}, and the error for a missing ID. */
export function getTaskRoute(app: FastifyInstance, dependencies: ApiDependencies, findTask: TaskFinder): void {
  const { store, settings } = dependencies
  const recordFirstLook = createFirstLooks(dependencies.db)
  app.get<GetTaskRoute>('/v2/task/:id', { schema }, async request => {
    const task = await currentTask(dependencies, findTask, request)
    const { original, ...urls } = await taskUrls(store, settings.publicUrl(), task)
    const isShown = original !== undefined && request.query.original !== 'false'
    if (isShown) await recordFirstLook(request, task.id)
    return taskResponse(await withLongParameters(dependencies.db, task), isShown ? { ...urls, original } : urls)
  })
  app.get('/v2/task', { schema: { hide: true } }, async () => {
    throw new ContractError('taskIdMissing')
  })
}
