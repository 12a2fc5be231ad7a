import {
  ContractError,
  isStorable,
  microsecondTime,
  type PolledTask,
  type RawBody,
  readJsonBody,
  reviewTask,
  type Verdict,
} from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ErrorAnswer, RejectBody, ReviewAnswer, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { doneTask, readIfMatch } from './corrected-task.js'
import type { TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'
import { taskUrls } from './task-urls.js'

const errors = { 404: ErrorAnswer, 409: ErrorAnswer }
const look = taskSchema("Get a task's review", ReviewAnswer, {
  description: 'With the results that are held back, for the reviewer. An addition of Obscura.',
  params: TaskPath,
  response: errors,
})
const approve = taskSchema('Approve a task', ReviewAnswer, {
  description: 'Releases the results and sends the webhook. If-Match names the revision that was seen. An addition of Obscura.',
  params: TaskPath,
  response: { ...errors, 403: ErrorAnswer },
})
const reject = taskSchema('Reject a task', ReviewAnswer, {
  description: 'Its results stay held back, or are again. A correction opens the review again. An addition of Obscura.',
  params: TaskPath,
  body: RejectBody,
  response: errors,
})

/** In characters. */
const MAX_REASON = 1000

interface ReviewRoute extends TaskRoute {
  Body: RawBody
}

/** GET /v2/task/{id}/review, POST /v2/task/{id}/approve and /reject */
export function reviewRoutes(app: FastifyInstance, dependencies: ApiDependencies, findTask: TaskFinder): void {
  const { settings } = dependencies
  app.get<TaskRoute>('/v2/task/:id/review', { schema: look }, async request =>
    answer(dependencies, await doneTask(findTask, request)),
  )
  app.post<ReviewRoute>('/v2/task/:id/approve', { schema: approve }, async request => {
    const task = await doneTask(findTask, request)
    if (settings.fourEyes && task.createdBy === request.caller.userId) throw new ContractError('fourEyes')
    return decide(dependencies, task, request, { status: 'approved', reason: null })
  })
  app.post<ReviewRoute>('/v2/task/:id/reject', { schema: reject }, async request => {
    const task = await doneTask(findTask, request)
    return decide(dependencies, task, request, { status: 'rejected', reason: readReason(request.body) })
  })
}

async function decide(
  dependencies: ApiDependencies,
  task: PolledTask,
  { caller, headers }: FastifyRequest<ReviewRoute>,
  verdict: Pick<Verdict, 'status' | 'reason'>,
) {
  const revision = readIfMatch(headers['if-match'], 'reviewRefused')
  const reviewed = await reviewTask(dependencies.db, task, { ...verdict, reviewer: caller.username, revision })
  if (!reviewed) throw new ContractError('reviewConflict')
  return answer(dependencies, reviewed)
}

async function answer({ store, settings }: ApiDependencies, task: PolledTask) {
  const urls = await taskUrls(store, settings.publicUrl(), { ...task, reviewStatus: null })
  return {
    task_id: task.id,
    review_status: task.reviewStatus,
    reviewer: task.reviewer,
    reason: task.reviewReason,
    review_time: task.reviewTime && microsecondTime(task.reviewTime.getTime() * 1000),
    revision: task.revision,
    rendered_revision: task.renderedRevision,
    anonymized_url: urls.anonymized,
    binary_segmentation_mask_url: urls.binaryMask,
    instance_segmentation_mask_url: urls.instanceMask,
  }
}

/** @throws ContractError reviewRefused */
function readReason(body: RawBody): string {
  const json = readJsonBody(body)
  const reason = json.kind === 'object' ? json.value.reason : undefined
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > MAX_REASON || !isStorable(reason))
    throw new ContractError('reviewRefused', { cause: `The body must be {"reason": "..."} with 1 to ${MAX_REASON} characters.` })
  return reason
}
