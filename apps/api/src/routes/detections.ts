import { ContractError, editedRegions, findRevision } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { DetectionsQuerystring, DetectionsResponse, ErrorResponse, TaskPath } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import { doneTask, renderingState } from './corrected-task.js'
import type { RegionsReader } from './regions-reader.js'
import type { TaskRoute } from './requested-task.js'
import { taskSchema } from './task-schema.js'

const schema = taskSchema("Get a task's regions with their outlines", DetectionsResponse, {
  description: 'The regions of the newest revision, whose number is also the ETag. An addition of Obscura.',
  params: TaskPath,
  querystring: DetectionsQuerystring,
  response: { 404: ErrorResponse, 409: ErrorResponse },
})

interface DetectionsRoute extends TaskRoute {
  Querystring: { revision?: string | string[] }
}

/** GET /v2/task/{id}/detections */
export function detectionsRoute(
  app: FastifyInstance,
  { db }: ApiDependencies,
  findTask: TaskFinder,
  readDetected: RegionsReader,
): void {
  app.get<DetectionsRoute>('/v2/task/:id/detections', { schema }, async (request, reply) => {
    const task = await doneTask(findTask, request)
    const wanted = readRevision(request.query.revision) ?? task.revision
    const revision = await findRevision(db, task.id, wanted)
    if (!revision && wanted > 0) throw new ContractError('revisionNotFound', { revision: String(wanted) })
    const regions = await readDetected(task, detected => (revision ? editedRegions(detected, revision.edits) : detected))
    reply.header('etag', `"${wanted}"`)
    return {
      task_id: task.id,
      revision: wanted,
      rendered_revision: task.renderedRevision,
      rendering: renderingState(task),
      width: task.outputWidth,
      height: task.outputHeight,
      regions: regions.map(({ view, ...region }) => region),
    }
  })
}

function readRevision(given: string | string[] | undefined): number | undefined {
  const text = Array.isArray(given) ? given.at(-1) : given
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new ContractError('revisionNotFound', { revision: text })
  return Number(text)
}
