import {
  ContractError,
  FourEyesError,
  isHeldBack,
  isStorable,
  type LookAction,
  microsecondTime,
  type PolledTask,
  type RawBody,
  readJsonBody,
  reviewTask,
  type Verdict,
} from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { recordCallersLook } from '../access/looks.js'
import { ErrorResponse, RejectBody, ReviewQuerystring, ReviewResponse, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { doneTask, readIfMatch } from './corrected-task.js'
import type { TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'
import { privateUrls, taskUrls } from './task-urls.js'

const errors = { 404: ErrorResponse, 409: ErrorResponse }
const look = taskSchema("Get a task's review", ReviewResponse, {
  description: 'With the results that are held back, for the reviewer. An addition of Obscura.',
  params: TaskPath,
  querystring: ReviewQuerystring,
  response: errors,
})
const approve = taskSchema('Approve a task', ReviewResponse, {
  description: 'Releases the results and sends the webhook. If-Match names the revision that was seen. An addition of Obscura.',
  params: TaskPath,
  response: { ...errors, 403: ErrorResponse },
})
const reject = taskSchema('Reject a task', ReviewResponse, {
  description:
    'Holds the results back, also those that were approved before. A correction opens the review again. An addition of Obscura.',
  params: TaskPath,
  body: RejectBody,
  response: errors,
})

/** In characters. */
const MAX_REASON = 1000

interface ReviewLookRoute extends TaskRoute {
  Querystring: { ahead?: string | string[] }
}

interface ReviewRoute extends TaskRoute {
  Body: RawBody
}

/** GET /v2/task/{id}/review, POST /v2/task/{id}/approve and /reject */
export function reviewRoutes(app: FastifyInstance, dependencies: ApiDependencies, findTask: TaskFinder): void {
  app.get<ReviewLookRoute>('/v2/task/:id/review', { schema: look }, async request => {
    const action = request.query.ahead === 'true' ? 'read_ahead' : 'held_back'
    return reviewResponse(dependencies, request, await doneTask(findTask, request), action)
  })
  app.post<ReviewRoute>('/v2/task/:id/approve', { schema: approve }, async request => {
    const task = await doneTask(findTask, request)
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
  request: FastifyRequest<ReviewRoute>,
  verdict: Pick<Verdict, 'status' | 'reason'>,
) {
  const { caller, headers } = request
  const revision = readIfMatch(headers['if-match'], 'reviewRefused')
  const fourEyesOf = dependencies.settings.fourEyes ? caller.userId : undefined
  const given = { ...verdict, reviewer: caller.username, fourEyesOf, revision }
  const reviewed = await reviewTask(dependencies.db, task, given).catch(error => {
    throw error instanceof FourEyesError ? new ContractError('fourEyes', {}, { cause: error }) : error
  })
  if (!reviewed) throw new ContractError('reviewConflict')
  return reviewResponse(dependencies, request, reviewed)
}

/** Results that are held back are shown as originals are: for a few minutes, and recorded. */
async function reviewResponse(
  { db, store, settings }: ApiDependencies,
  request: FastifyRequest,
  task: PolledTask,
  action: LookAction = 'held_back',
) {
  const isPrivate = isHeldBack(task)
  if (isPrivate) await recordCallersLook(db, request, action, task.id)
  const shown = { ...task, reviewStatus: null }
  const urls = await taskUrls(isPrivate ? privateUrls(store) : store, settings.publicUrl(), shown)
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
