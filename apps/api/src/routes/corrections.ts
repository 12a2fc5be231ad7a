import {
  addCorrection,
  addRevision,
  ContractError,
  type Correction,
  listRevisions,
  MAX_REVISIONS,
  microsecondTime,
  type NewRevision,
  type ObjectInfo,
  originalKey,
  type PolledTask,
  type RawBody,
  type Revision,
  RevisionConflictError,
  readCorrection,
  regionsKey,
  ValueError,
} from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { createFairQueue } from '../access/fair-queue.js'
import { CorrectedResponse, CorrectionBody, CorrectionsResponse, ErrorResponse, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { doneTask, readIfMatch, renderingState } from './corrected-task.js'
import { requireRoom } from './disk-room.js'
import { createRenderingWait } from './rendering-wait.js'
import { requestedTask, type TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'

const correct = taskSchema('Correct a task', CorrectedResponse, {
  description:
    'Removes, adds and changes regions, or changes parameters, and renders the image again without detecting anything: a new revision. With If-Match, only if that is still the newest revision; without, corrections that come at once are applied one after the other. An addition of Obscura.',
  params: TaskPath,
  headers: { type: 'object', properties: { 'if-match': { type: 'string', examples: ['"0"'] } } },
  body: CorrectionBody,
  response: { 202: CorrectedResponse, 404: ErrorResponse, 409: ErrorResponse, 410: ErrorResponse, 503: ErrorResponse },
})
const list = taskSchema("List a task's corrections", CorrectionsResponse, {
  description: 'Oldest first. An addition of Obscura.',
  params: TaskPath,
})

/** Maximum size of a body in bytes. */
const BODY_LIMIT = 1024 * 1024
/**
 * Corrections written at once: those of one task wait for each other, and would hold all
 * connections to the database.
 */
const CONCURRENCY = 2

interface CorrectionRoute extends TaskRoute {
  Body: RawBody
}

/** POST and GET /v2/task/{id}/corrections */
export function correctionsRoutes(app: FastifyInstance, dependencies: ApiDependencies, findTask: TaskFinder): void {
  const { db, disk, settings } = dependencies
  const inTurn = createFairQueue(CONCURRENCY, settings.maxConnections, 'unavailable')
  const rendered = createRenderingWait(findTask)
  app.post<CorrectionRoute>('/v2/task/:id/corrections', { schema: correct, bodyLimit: BODY_LIMIT }, async (request, reply) => {
    const task = await doneTask(findTask, request)
    const correction = readCorrection(request.body, { width: task.outputWidth!, height: task.outputHeight! }, settings)
    const expected = readIfMatch(request.headers['if-match'], 'correctionRefused')
    const original = await requireSources(dependencies, task)
    // The files of a revision stand beside those of the last one for a while.
    await requireRoom(disk, original.size + (request.body?.length ?? 0), 'correctionDiskShort')
    const add = () => addRevision(db, task, request.caller, expected, (newest, earlier) => applied(newest, correction, earlier))
    const revision = await inTurn(task.customerId, add).catch(error => {
      if (error instanceof RevisionConflictError)
        throw new ContractError('correctionConflict', { revision: String(error.revision) }, { cause: error })
      throw error instanceof ValueError ? new ContractError('correctionRefused', { cause: error.message }) : error
    })
    if (revision === undefined) throw new ContractError('taskDeleted')
    const after = await rendered(task, revision)
    const rendering = after.renderedRevision >= revision ? 'done' : renderingState(after)
    reply.code(rendering === 'pending' ? 202 : 200).header('etag', `"${revision}"`)
    return { task_id: task.id, revision, rendered_revision: after.renderedRevision, rendering }
  })

  app.get<TaskRoute>('/v2/task/:id/corrections', { schema: list }, async request => {
    const task = await requestedTask(findTask, request)
    const revisions = await listRevisions(db, task.id)
    return {
      task_id: task.id,
      items: revisions.map(({ revision, username, createTime: time, changes }) => ({
        revision,
        username,
        create_time: microsecondTime(time.getTime() * 1000),
        ...changes,
      })),
    }
  })
}

/**
 * What the image is rendered from.
 * @returns the original
 * @throws ContractError originalGone or regionsMissing
 */
async function requireSources({ store }: ApiDependencies, task: PolledTask): Promise<ObjectInfo> {
  const [original, regions] = await Promise.all([store.head(originalKey(task)), store.head(regionsKey(task, task.attempt))])
  const isReplaced = !task.originalKept && original?.etag !== task.uploadEtag
  if (!original || isReplaced) throw new ContractError('originalGone')
  if (!regions) throw new ContractError('regionsMissing')
  return original
}

/** @throws ValueError */
async function applied(
  newest: Revision,
  correction: Correction,
  earlier: (revision: number) => Promise<Revision | undefined>,
): Promise<NewRevision> {
  if (newest.revision >= MAX_REVISIONS) throw new ValueError(`A task can be corrected at most ${MAX_REVISIONS} times.`)
  if (correction.revert !== undefined) {
    const target = await earlier(correction.revert)
    if (!target) throw new ValueError(`There is no revision ${correction.revert}.`)
    const changes = { removed: [], added: [], changed: [], parameters: {}, reverted: correction.revert }
    // IDs of regions that were added since are not used again.
    return { edits: { ...target.edits, nextId: newest.edits.nextId }, parameters: target.parameters, changes }
  }
  const { edits, changes } = addCorrection(newest.edits, correction)
  return { edits, changes, parameters: { ...newest.parameters, ...correction.parameters } }
}
