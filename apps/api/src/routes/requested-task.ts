import { ContractError, readTaskId, type Task } from '@obscura/shared'
import type { FastifyRequest } from 'fastify'
import type { TaskFinder } from '../task-finder.js'

/** A route whose path names a task. */
export interface TaskRoute {
  Params: { id: string }
}

/** The task named in the path, if it is the caller's. @throws ContractError taskIdFormat or taskNotFound */
export async function requestedTask(findTask: TaskFinder, request: FastifyRequest<TaskRoute>): Promise<Task> {
  const { id } = request.params
  const taskId = readTaskId(id)
  if (Number.isNaN(taskId)) throw new ContractError('taskIdFormat', { id })
  const task = taskId === undefined ? undefined : await findTask(request.caller.customerId, taskId)
  if (!task) throw new ContractError('taskNotFound', { id })
  return task
}
