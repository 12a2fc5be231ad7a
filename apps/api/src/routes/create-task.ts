import {
  CreateTaskBody,
  createdAnswer,
  createTask,
  customerAreas,
  originalKey,
  type RawBody,
  readCreateTask,
  UPLOAD_URL_SECONDS,
} from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { CreatedAnswer, ErrorAnswer } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { taskSchema } from './task-schema.js'

const schema = taskSchema('Create a task', CreatedAnswer, {
  description: 'Hyphens and underscores in keys are equivalent. The Content-Type is ignored.',
  body: { ...CreateTaskBody, examples: [{ anonymization_method: 'blur', face: true, license_plate: true }] },
  response: { 404: ErrorAnswer },
})

/** Maximum size of a body in bytes: enough for tens of thousands of ignore areas. */
const TASK_BODY_LIMIT = 1024 * 1024

/** POST /v2/task */
export function createTaskRoute(app: FastifyInstance, { db, store, settings }: ApiDependencies): void {
  app.post<{ Body: RawBody }>('/v2/task', { schema, bodyLimit: TASK_BODY_LIMIT }, async request => {
    const { customerId, userId } = request.caller
    const parameters = readCreateTask(request.body, settings, { areas: await customerAreas(db, customerId) })
    const task = await createTask(db, customerId, parameters, UPLOAD_URL_SECONDS, userId)
    return createdAnswer(task, await store.presignPut(originalKey(task), UPLOAD_URL_SECONDS))
  })
}
