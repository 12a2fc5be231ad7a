import { ContractError, currentKeys, isHeldBack, ObjectMissingError, type PolledTask } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { ErrorResponse, PreviewResponse, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { requestedTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'

const schema = taskSchema('Get a small JPEG of the anonymized image', PreviewResponse, {
  description:
    'At most 480 pixels wide and high, of the newest rendered revision. Browsers keep it, and ask with If-None-Match whether it may be shown still. An addition of Obscura.',
  params: TaskPath,
  response: { 404: ErrorResponse },
})

/** GET /v2/task/{id}/preview: made by the worker from the result, never from the original. */
export function previewRoute(app: FastifyInstance, { store }: ApiDependencies, findTask: TaskFinder): void {
  app.get<TaskRoute>('/v2/task/:id/preview', { schema }, async (request, reply) => {
    const task = await requestedTask(findTask, request)
    if (task.status === 'deleted') throw new ContractError('taskDeleted')
    const missing = (cause?: unknown) => new ContractError('previewMissing', { id: request.params.id }, { cause })
    if (!hasPreview(task)) throw missing()
    const etag = `"${task.attempt}-${task.renderedRevision}"`
    // What one user's browser keeps is never shown to another user.
    const headers = { 'cache-control': 'private, no-cache', vary: 'Authorization', etag }
    if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).headers(headers).send()
    const file = await store.get(currentKeys(task).preview).catch(error => {
      throw error instanceof ObjectMissingError ? missing(error) : error
    })
    return reply.headers(headers).type('image/jpeg').send(file)
  })
}

function hasPreview(task: PolledTask): boolean {
  return task.status === 'done' && task.outputFormat !== null && !isHeldBack(task)
}
