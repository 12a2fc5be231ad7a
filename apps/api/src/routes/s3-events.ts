import { createHash, timingSafeEqual } from 'node:crypto'
import { ContractError, type RawBody, readJsonBody, readS3Events, S3EventError } from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ApiDependencies, S3EventSettings } from '../settings.js'
import { createUploadNotifications } from '../upload-notifications.js'

/** Maximum size of a body in bytes: S3 servers send events in batches of hundreds. */
const EVENTS_BODY_LIMIT = 1024 * 1024

interface EventRoute {
  Body: RawBody
  Querystring: { token?: string }
}

/**
 * POST /events/s3: the S3 server reports uploads, so that tasks start without polling. The token is
 * in the Authorization header, alone or after `Bearer ` (MinIO's auth_token), or in the query as
 * `token` (for Ceph, which sends no header). It answers immediately, because Ceph retries failures
 * without a pause; uploads of lost events are detected by status requests and the sweeper.
 */
export function s3EventsRoute(app: FastifyInstance, dependencies: ApiDependencies, { token, bucket }: S3EventSettings): void {
  const notices = createUploadNotifications(dependencies, dependencies.log)
  app.addHook('onClose', () => notices.close())

  const allow = async (request: FastifyRequest<EventRoute>) => {
    const given = request.headers.authorization?.replace(/^Bearer\s+/i, '') ?? request.query.token
    if (!isSame(token, given)) throw new ContractError('unauthorized')
  }

  app.post<EventRoute>(
    '/events/s3',
    { schema: { hide: true }, onRequest: allow, bodyLimit: EVENTS_BODY_LIMIT },
    async (request, reply) => {
      const body = readJsonBody(request.body)
      if (body.kind !== 'object') throw new ContractError('badRequest')
      for (const arrived of eventsIn(body.value)) if (arrived.bucket === bucket) notices.add(arrived.key)
      return reply.send()
    },
  )
}

function eventsIn(body: Record<string, unknown>) {
  try {
    return readS3Events(body)
  } catch (error) {
    throw error instanceof S3EventError ? new ContractError('badRequest') : error
  }
}

// Hashed, so that both have the same length and the comparison takes constant time.
function isSame(token: string, given: unknown): boolean {
  const [right, offered] = [token, String(given)].map(text => createHash('sha256').update(text).digest())
  return timingSafeEqual(right, offered)
}
