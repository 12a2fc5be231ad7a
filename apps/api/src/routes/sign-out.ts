import { type Logger, type RawBody, readJsonBody, recordEvent } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import type { Access } from '../access/access.js'
import { MessageResponse, SignOutBody } from '../schemas.js'

const schema = {
  summary: 'Sign out (an addition of Obscura)',
  description:
    'Ends the session of the access token: all tokens of the session are refused from now on. With `everywhere` it ends ' +
    'all sessions of the user. Other API processes notice within two seconds.',
  tags: ['sign in'],
  security: [{ accessToken: [] }],
  body: SignOutBody,
  response: { 204: { type: 'null' }, 401: MessageResponse },
}

/** POST /v2/signout */
export function signOutRoute(app: FastifyInstance, { sessions }: Access): void {
  app.post<{ Body: RawBody }>('/v2/signout', { schema }, async (request, reply) => {
    const { userId, username, sessionId } = request.caller
    const body = readJsonBody(request.body)
    const everywhere = body.kind === 'object' && body.value.everywhere === true
    if (everywhere) await sessions.endAll(userId)
    else await sessions.end(sessionId)
    const reason = everywhere ? 'everywhere' : 'session'
    recordEvent(request.log as Logger, 'sign_out', { actor: username, userId, session: sessionId, address: request.ip, reason })
    return reply.code(204).send()
  })
}
