import { ContractError, type ErrorCode, type PolledTask, type RenderingState } from '@obscura/shared'
import type { FastifyRequest } from 'fastify'
import type { TaskFinder } from '../task-finder.js'
import { requestedTask, type TaskRoute } from './requested-task.js'

/**
 * The task named in the path, if it is the caller's and done.
 * @throws ContractError taskDeleted, notDone, or as {@link requestedTask}
 */
export async function doneTask(findTask: TaskFinder, request: FastifyRequest<TaskRoute>): Promise<PolledTask> {
  const task = await requestedTask(findTask, request)
  if (task.status === 'deleted') throw new ContractError('taskDeleted')
  if (task.status !== 'done') throw new ContractError('notDone', { id: request.params.id })
  return task
}

/** How far the rendering of the newest revision is. */
export function renderingState(task: Pick<PolledTask, 'revision' | 'renderedRevision' | 'renderingFailure'>): RenderingState {
  if (task.renderedRevision === task.revision) return 'done'
  return task.renderingFailure ? 'failed' : 'pending'
}

/**
 * The number in `If-Match: "3"`; undefined without the header and for `*`.
 * @throws ContractError `refusal`, with a cause
 */
export function readIfMatch(header: string | undefined, refusal: ErrorCode): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  const [, number] = /^"?(\d{1,9})"?$/.exec(header.trim()) ?? []
  if (number === undefined) throw new ContractError(refusal, { cause: 'If-Match must be the number of a revision.' })
  return Number(number)
}
