import {
  CreateTaskBody,
  createdResponse,
  createTask,
  customerAreas,
  type RawBody,
  readCreateTask,
  UPLOAD_URL_SECONDS,
  uploadKey,
} from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { CreatedResponse, ErrorResponse } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { requireRoom } from './disk-room.js'
import { taskSchema } from './task-schema.js'

const schema = taskSchema('Create a task', CreatedResponse, {
  description: 'Hyphens and underscores in keys are equivalent. The Content-Type is ignored.',
  body: { ...CreateTaskBody, examples: [{ anonymization_method: 'blur', face: true, license_plate: true }] },
  response: { 404: ErrorResponse, 503: ErrorResponse },
})

/** Maximum size of a body in bytes: enough for ten thousand ignore areas. */
const TASK_BODY_LIMIT = 1024 * 1024

/** Bytes of a body that takes no more of the disk than any row: such tasks are always created. */
const SMALL_BODY = 4096

/** POST /v2/task */
export function createTaskRoute(app: FastifyInstance, { db, store, disk, settings }: ApiDependencies): void {
  app.post<{ Body: RawBody }>('/v2/task', { schema, bodyLimit: TASK_BODY_LIMIT }, async request => {
    const { customerId, userId } = request.caller
    const areas = await customerAreas(db, customerId)
    // Default areas are copied to each task.
    const size = (request.body?.length ?? 0) + areas.length
    if (size > SMALL_BODY) await requireRoom(disk, size, 'diskShort')
    const parameters = readCreateTask(request.body, settings, { areas })
    const task = await createTask(db, customerId, parameters, UPLOAD_URL_SECONDS, userId)
    return createdResponse(task, await store.presignPut(uploadKey(task), UPLOAD_URL_SECONDS))
  })
}
