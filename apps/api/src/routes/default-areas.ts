import { customerAreas, type RawBody, readAreasBody, setCustomerAreas } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { createFairQueue } from '../access/fair-queue.js'
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

/** Lists read at once: the embedded database does nothing else meanwhile. */
const CONCURRENCY = 2

/** GET and PUT /v2/areas */
export function defaultAreasRoutes(app: FastifyInstance, { db, disk, settings }: ApiDependencies): void {
  const inTurn = createFairQueue(CONCURRENCY, settings.maxConnections, 'unavailable')
  app.get('/v2/areas', { schema: read }, async (request, reply) => {
    const { customerId } = request.caller
    const text = await inTurn(customerId, () => customerAreas(db, customerId))
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
