import { ContractError } from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readChunks, StalledError } from '../request-body.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The original Content-Type header; Fastify does not see it. */
    declaredType: string | undefined
  }
}

/** A JSON body is small; one that arrives slowly only holds a connection. */
const BODY_LIMITS = { idleMs: 10_000, minBytesPerSecond: 0, windowMs: 30_000, totalMs: 30_000 }

/**
 * Passes every body on as bytes, whatever its Content-Type. Clients send JSON as plain text, as a
 * form, without a type, or a JSON type with an empty body; the route interprets the bytes, with the
 * documented errors.
 */
export function acceptAnyBody(app: FastifyInstance): void {
  app.decorateRequest('declaredType', undefined)
  app.addHook('onRequest', async request => {
    request.declaredType = request.headers['content-type']
    delete request.headers['content-type']
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', readBody)
}

async function readBody({ raw, routeOptions }: FastifyRequest): Promise<Buffer> {
  const limit = routeOptions.bodyLimit!
  if (Number(raw.headers['content-length']) > limit) throw new ContractError('requestTooLarge')
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of readChunks(raw, BODY_LIMITS)) {
      size += chunk.length
      if (size > limit) throw new ContractError('requestTooLarge')
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof StalledError) throw new ContractError('requestTimeout')
    // The client disconnected: nobody is left to read a response.
    throw raw.destroyed ? new ContractError('badRequest', {}, { cause: error }) : error
  }
  return Buffer.concat(chunks)
}
