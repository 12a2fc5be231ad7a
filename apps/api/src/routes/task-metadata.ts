import { findDetections, isHeldBack, metadataDetections } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { MetadataResponse, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { requestedTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'

const schema = taskSchema("Get a task's detections", MetadataResponse, {
  params: TaskPath,
  response: { 204: Type.Null({ description: 'There are no detections, or the task is not done.' }) },
})

/** GET /v2/task/{id}/metadata */
export function taskMetadataRoute(app: FastifyInstance, { db }: ApiDependencies, findTask: TaskFinder): void {
  const config = { unexpected: 'unexpectedMetadata' } as const
  app.get<TaskRoute>('/v2/task/:id/metadata', { schema, config }, async (request, reply) => {
    const task = await requestedTask(findTask, request)
    const detections = isHeldBack(task) ? undefined : await findDetections(db, request.caller.customerId, task.id)
    if (!detections?.length) return reply.code(204).send()
    return { task_id: task.id, detections: metadataDetections(detections) }
  })
}
