import { ContractError, customerLogo, MAX_LOGO_BYTES, setCustomerLogo } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { createFairQueue } from '../access/fair-queue.js'
import { ErrorResponse } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { requireRoom } from './disk-room.js'
import { taskSchema } from './task-schema.js'

const state = Type.Object({ bytes: Type.Integer({ description: '0: there is none.' }) })
const read = taskSchema('Get the logo', Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }), {
  description: 'The file as it was given. An addition of Obscura.',
  response: { 404: ErrorResponse },
})
const replace = taskSchema('Replace the logo', state, {
  description: `A PNG or JPEG file of up to ${MAX_LOGO_BYTES / 1024 ** 2} MiB, for areas with the method \`logo\`. An addition of Obscura.`,
  body: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }),
  response: { 503: ErrorResponse },
})
const remove = taskSchema('Remove the logo', state, { description: 'An addition of Obscura.' })

/** First bytes of the formats. Nothing more is read here: engine processes decode logos. */
const TYPES: Record<string, Buffer> = {
  'image/png': Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  'image/jpeg': Buffer.from('\xff\xd8\xff', 'latin1'),
}
const typeOf = (file: Uint8Array) => Object.keys(TYPES).find(type => TYPES[type].equals(file.subarray(0, TYPES[type].length)))

/** Logos read at once: the embedded database does nothing else meanwhile. */
const CONCURRENCY = 2

/** GET, PUT and DELETE /v2/logo */
export function logoRoutes(app: FastifyInstance, { db, disk, settings }: ApiDependencies): void {
  const inTurn = createFairQueue(CONCURRENCY, settings.maxConnections, 'unavailable')
  app.get('/v2/logo', { schema: read }, async (request, reply) => {
    const { customerId } = request.caller
    const logo = await inTurn(customerId, () => customerLogo(db, customerId))
    if (!logo) throw new ContractError('logoMissing')
    return reply
      .type(typeOf(logo)!)
      .header('cache-control', 'private, no-store')
      .serializer(body => body)
      .send(Buffer.from(logo))
  })
  app.put<{ Body: unknown }>('/v2/logo', { schema: replace, bodyLimit: MAX_LOGO_BYTES }, async request => {
    const file = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    if (!typeOf(file)) throw new ContractError('logoRefused', { cause: 'It must be a PNG or JPEG file.' })
    await requireRoom(disk, file.length, 'logoDiskShort')
    await setCustomerLogo(db, request.caller.customerId, file)
    return { bytes: file.length }
  })
  app.delete('/v2/logo', { schema: remove }, async request => {
    await setCustomerLogo(db, request.caller.customerId, null)
    return { bytes: 0 }
  })
}
