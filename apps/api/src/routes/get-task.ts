import { ContractError, taskAnswer, withIgnores } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { TaskAnswer, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { currentTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'
import { taskUrls } from './task-urls.js'

const schema = taskSchema('Get a task with its parameters and files', TaskAnswer, { params: TaskPath })

/** GET /v2/task/{id}, and the error for a missing ID. */
export function getTaskRoute(app: FastifyInstance, dependencies: ApiDependencies, findTask: TaskFinder): void {
  const { store, settings } = dependencies
  app.get<TaskRoute>('/v2/task/:id', { schema }, async request => {
    const task = await currentTask(dependencies, findTask, request)
    return taskAnswer(await withIgnores(dependencies.db, task), await taskUrls(store, settings.publicUrl(), task))
  })
  app.get('/v2/task', { schema: { hide: true } }, async () => {
    throw new ContractError('taskIdMissing')
  })
}
