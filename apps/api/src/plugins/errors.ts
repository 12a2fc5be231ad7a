import { ContractError, type ErrorCode, isOutage } from '@obscura/shared'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendAndLinger } from '../linger.js'
import { MINIMAL_HEADERS } from './headers.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The error for an unexpected failure on this route. */
    unexpected?: ErrorCode
  }
}

/** Seconds after which a client may try again when the database or the store is unavailable. */
const RETRY_SECONDS = 5

/**
 * Answers every error with a sentence of the catalogue; details of unexpected errors only go to the
 * log, under the request ID.
 */
export function handleErrors(app: FastifyInstance, supportContact: string): void {
  app.setNotFoundHandler((request, reply) => send(new ContractError('notFound'), request, reply))
  app.setErrorHandler((error, request, reply) => {
    const known = knownError(error)
    if (known) return send(known, request, reply)
    const unexpected = request.routeOptions.config.unexpected ?? 'unexpected'
    const outage = isOutage(error)
    const sentence = outage ? 'A request failed because a backing service is unavailable.' : 'A request failed unexpectedly.'
    request.log.error({ err: error, route: request.routeOptions.url }, sentence)
    if (!outage) return send(new ContractError(unexpected), request, reply)
    return send(new ContractError(unexpected === 'signInUnexpected' ? 'signInUnavailable' : 'unavailable'), request, reply)
  })

  function send(error: ContractError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    reply.code(error.status).type('application/json; charset=utf-8')
    if (error.status === 503) reply.header('retry-after', RETRY_SECONDS)
    return sendAndLinger(request, reply, JSON.stringify(error.body(supportContact, request.id)))
  }
}

/** Answers a URL that cannot be decoded with 404. */
export function rejectBadUrl(reply: FastifyReply): FastifyReply {
  const error = new ContractError('notFound')
  return reply.code(error.status).headers(MINIMAL_HEADERS).send(error.body('', ''))
}

function knownError(error: unknown): ContractError | undefined {
  if (error instanceof ContractError) return error
  // Requests that Fastify refuses before a route sees them.
  const { statusCode } = error as { statusCode?: number }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new ContractError('badRequest')
  return undefined
}
