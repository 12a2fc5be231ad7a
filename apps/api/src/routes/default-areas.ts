import { customerAreas, type RawBody, readAreasBody, setCustomerAreas } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { AreasBody, AreasResponse, ErrorResponse } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { requireRoom } from './disk-room.js'
import { taskSchema } from './task-schema.js'

const read = taskSchema('Get the default areas', AreasResponse, {
  description: 'The areas of tasks that are created without the parameter `areas`. An addition of Obscura.',
})
const replace = taskSchema('Replace the default areas', AreasResponse, {
  description: 'For tasks that this customer creates from now on. An empty list removes them. An addition of Obscura.',
  body: AreasBody,
  response: { 503: ErrorResponse },
})

/** Maximum size of a body in bytes: enough for fifty polygons of a thousand points. */
const BODY_LIMIT = 1024 * 1024

/** GET and PUT /v2/areas */
export function defaultAreasRoutes(app: FastifyInstance, { db, disk }: ApiDependencies): void {
  app.get('/v2/areas', { schema: read }, async (request, reply) => {
    const text = await customerAreas(db, request.caller.customerId)
    // As it was stored: to read and write a megabyte again only takes time.
    return reply
      .type('application/json')
      .serializer(String)
      .send(`{"areas":${text || '[]'}}`)
  })
  app.put<{ Body: RawBody }>('/v2/areas', { schema: replace, bodyLimit: BODY_LIMIT }, async request => {
    const areas = readAreasBody(request.body)
    const text = areas.length === 0 ? '' : JSON.stringify(areas)
    // Earlier ones stay on the disk until the database tidies up.
    await requireRoom(disk, text.length, 'areasDiskShort')
    await setCustomerAreas(db, request.caller.customerId, text)
    return { areas }
  })
}
