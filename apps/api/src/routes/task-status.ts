import { noticeUpload, statusAnswer } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { StatusAnswer, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { requestedTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'
import { resultUrls } from './task-urls.js'

const schema = taskSchema("Get a task's status", StatusAnswer, { params: TaskPath })

/** GET /v2/task/{id}/status: what clients poll. Where the store tells nobody of uploads, asking for a new task's status is what finds its file. */
export function taskStatusRoute(app: FastifyInstance, dependencies: ApiDependencies, findTask: TaskFinder): void {
  const { store, settings } = dependencies
  app.get<TaskRoute>('/v2/task/:id/status', { schema }, async request => {
    const task = await noticeUpload(dependencies, await requestedTask(findTask, request))
    return statusAnswer(task, await resultUrls(store, settings.publicUrl(), task))
  })
}
