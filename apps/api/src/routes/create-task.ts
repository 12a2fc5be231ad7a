import {
  ContractError,
  CreateTaskBody,
  createdAnswer,
  createTask,
  type RawBody,
  readCreateTask,
  ShortageError,
  UPLOAD_URL_SECONDS,
  uploadKey,
} from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { CreatedAnswer, ErrorAnswer } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { taskSchema } from './task-schema.js'

const schema = taskSchema('Create a task', CreatedAnswer, {
  description: 'Hyphens and underscores in keys are equivalent. The Content-Type is ignored.',
  body: { ...CreateTaskBody, examples: [{ anonymization_method: 'blur', face: true, license_plate: true }] },
  response: { 404: ErrorAnswer, 503: ErrorAnswer },
})

/** Maximum size of a body in bytes: enough for tens of thousands of ignore areas. */
const TASK_BODY_LIMIT = 1024 * 1024

/** Bytes of a body that takes no more of the disk than any row: such tasks are always created. */
const SMALL_BODY = 4096

function refuseForDisk(error: unknown): never {
  throw error instanceof ShortageError ? new ContractError('diskShort', {}, { cause: error }) : error
}

/** POST /v2/task */
export function createTaskRoute(app: FastifyInstance, { db, store, disk, settings }: ApiDependencies): void {
  app.post<{ Body: RawBody }>('/v2/task', { schema, bodyLimit: TASK_BODY_LIMIT }, async request => {
    const size = request.body?.length ?? 0
    if (size > SMALL_BODY) await disk?.require(size).catch(refuseForDisk)
    const parameters = readCreateTask(request.body, settings)
    const task = await createTask(db, request.caller.customerId, parameters, UPLOAD_URL_SECONDS)
    return createdAnswer(task, await store.presignPut(uploadKey(task), UPLOAD_URL_SECONDS))
  })
}
