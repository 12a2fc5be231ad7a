import { ContractError, originalKey, originalType } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { recordCallersLook } from '../access/looks.js'
import { ErrorResponse, OriginalResponse, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { requestedTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'
import { hasOriginal, isStored, PRIVATE, PRIVATE_URL_SECONDS } from './task-urls.js'

const schema = taskSchema('Look at the original of a task', OriginalResponse, {
  description: 'A URL for one look, valid for five minutes. Recorded in the audit log. An addition of Obscura.',
  params: TaskPath,
  response: { 404: ErrorResponse },
})

/** POST /v2/task/{id}/original */
export function originalRoute(app: FastifyInstance, { db, store }: ApiDependencies, findTask: TaskFinder): void {
  app.post<TaskRoute>('/v2/task/:id/original', { schema }, async request => {
    const task = await requestedTask(findTask, request)
    if (task.status === 'deleted') throw new ContractError('taskDeleted')
    if (!hasOriginal(task) || !(await isStored(store, task)))
      throw new ContractError('originalMissing', { id: request.params.id })
    await recordCallersLook(db, request, 'original', task.id)
    return {
      task_id: task.id,
      original_url: await store.presignGet(originalKey(task), PRIVATE_URL_SECONDS, originalType(task), PRIVATE),
      original_url_expiration_duration: PRIVATE_URL_SECONDS,
    }
  })
}
