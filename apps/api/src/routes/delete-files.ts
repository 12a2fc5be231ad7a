import { ContractError, deleteStaleFiles, deleteTask } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { DeletedResponse, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { requestedTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'

const schema = taskSchema("Delete a task's files and detections", DeletedResponse, {
  description:
    'The task remains with status deleted, without its name, webhook and ignores. Files uploaded later are deleted as well.',
  params: TaskPath,
})

/** DELETE /v2/task/{id}/files */
export function deleteFilesRoute(app: FastifyInstance, { db, store }: ApiDependencies, findTask: TaskFinder): void {
  app.delete<TaskRoute>('/v2/task/:id/files', { schema }, async request => {
    const task = await requestedTask(findTask, request)
    const deleted = await deleteTask(db, task.customerId, task.id)
    // A second request only deletes what was uploaded since the first.
    await deleteStaleFiles({ db, store }, deleted ?? { ...task, status: 'deleted' })
    if (!deleted) throw new ContractError('alreadyDeleted', { id: request.params.id })
    return { files_deleted: true, task_id: String(task.id) }
  })
}
