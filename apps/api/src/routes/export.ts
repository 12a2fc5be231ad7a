import {
  ContractError,
  checkedLabels,
  EXPORT_FORMATS,
  type ExportFormat,
  LABELS,
  type Labelled,
  type RawBody,
  readJsonBody,
  readTaskId,
} from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { createFairQueue } from '../access/fair-queue.js'
import type { ApiDependencies } from '../settings.js'
import type { TaskFinder } from '../task-finder.js'
import type { RegionsReader } from './regions-reader.js'
import { taskSchema } from './task-schema.js'

/** Tasks of one request. */
const MAX_TASKS = 500
/** Characters of all regions of a response as JSON; a full street takes a few thousand. */
const MAX_CHARACTERS = 8 * 1024 ** 2
/** Exports collected at once: each holds the regions of its response. */
const CONCURRENCY = 2

const TOO_LARGE = 'Its regions do not fit into this response: export it in another request.'

const schema = taskSchema(
  'Export checked regions as labels',
  Type.Object({
    format: Type.Enum([...EXPORT_FORMATS], { type: 'string' }),
    labels: Type.Unknown({ description: 'bench: annotations.json of a data folder of the benchmarks; coco: COCO JSON.' }),
    images: Type.Array(Type.Object({ task_id: Type.Integer(), file_name: Type.String() })),
    skipped: Type.Array(Type.Object({ task_id: Type.Integer(), reason: Type.String() })),
  }),
  {
    description:
      'Regions of the newest revisions of tasks that were approved or corrected, to measure and calibrate with. An addition of Obscura.',
    body: Type.Object({
      format: Type.Enum([...EXPORT_FORMATS], { type: 'string' }),
      task_ids: Type.Array(Type.Integer(), { maxItems: MAX_TASKS }),
    }),
  },
)

/** POST /v2/export */
export function exportRoute(
  app: FastifyInstance,
  { db, settings }: ApiDependencies,
  findTask: TaskFinder,
  read: RegionsReader,
): void {
  const inTurn = createFairQueue(CONCURRENCY, settings.maxConnections, 'unavailable')
  app.post<{ Body: RawBody }>('/v2/export', { schema }, async (request, reply) => {
    const { format, ids } = readExport(request.body)
    const { customerId } = request.caller
    return inTurn(customerId, async () => {
      const { images, skipped } = await collect(ids, async id => {
        if (reply.raw.destroyed) throw new ContractError('badRequest')
        return checkedLabels(db, await findTask(customerId, id), read, error =>
          request.log.error({ err: error, taskId: id }, 'The file of regions of a task is invalid.'),
        )
      })
      return {
        format,
        labels: LABELS[format](images),
        images: images.map(({ taskId, fileName }) => ({ task_id: taskId, file_name: fileName })),
        skipped,
      }
    })
  })
}

/** The labels of tasks, as many as fit into a response, and why others are not among them. */
async function collect(ids: readonly number[], labelsOf: (id: number) => Promise<Labelled | string>) {
  const images: Labelled[] = []
  const skipped: { task_id: number; reason: string }[] = []
  let characters = 0
  for (const id of ids) {
    const result = await labelsOf(id)
    const size = typeof result === 'string' ? 0 : JSON.stringify(result.regions).length
    if (typeof result === 'string') skipped.push({ task_id: id, reason: result })
    else if (characters + size > MAX_CHARACTERS) skipped.push({ task_id: id, reason: TOO_LARGE })
    else {
      characters += size
      images.push(result)
    }
  }
  return { images, skipped }
}

/** @throws ContractError exportRefused */
function readExport(body: RawBody): { format: ExportFormat; ids: number[] } {
  const json = readJsonBody(body)
  const given = json.kind === 'object' ? json.value : {}
  const format = EXPORT_FORMATS.find(known => known === given.format)
  const list: unknown[] = Array.isArray(given.task_ids) ? given.task_ids : []
  const ids = list.map(id => (typeof id === 'number' || typeof id === 'string' ? readTaskId(String(id)) : undefined))
  if (!format || list.length === 0 || list.length > MAX_TASKS || ids.some(id => !id))
    throw new ContractError('exportRefused', {
      cause: `The body must be {"format": "${EXPORT_FORMATS.join('" or "')}", "task_ids": [...]} with 1 to ${MAX_TASKS} task IDs.`,
    })
  return { format, ids: [...new Set(ids as number[])] }
}
