import { ContractError, detectUpload, type PolledTask, readTaskId, type TaskServices } from '@obscura/shared'
import type { FastifyRequest } from 'fastify'
import type { TaskFinder } from '../task-finder.js'

/** A route whose path names a task. */
export interface TaskRoute {
  Params: { id: string }
}

/**
 * The task named in the path, if it is the caller's.
 * @throws ContractError taskIdFormat or taskNotFound
 */
export async function requestedTask(findTask: TaskFinder, request: FastifyRequest<TaskRoute>): Promise<PolledTask> {
  const { id } = request.params
  const taskId = readTaskId(id)
  if (Number.isNaN(taskId)) throw new ContractError('taskIdFormat', { id })
  const task = taskId === undefined ? undefined : await findTask(request.caller.customerId, taskId)
  if (!task) throw new ContractError('taskNotFound', { id })
  return task
}

/**
 * The same, after checking whether the file of a new task has arrived: without upload notifications
 * from the store, this is what detects it. A store that is unavailable does not make the request
 * fail.
 * @throws ContractError as {@link requestedTask}
 */
export async function currentTask(
  services: TaskServices,
  findTask: TaskFinder,
  request: FastifyRequest<TaskRoute>,
): Promise<PolledTask> {
  const task = await requestedTask(findTask, request)
  return detectUpload(services, task).catch(error => {
    request.log.warn({ err: error, taskId: task.id }, 'Could not check for an upload.')
    return task
  })
}
