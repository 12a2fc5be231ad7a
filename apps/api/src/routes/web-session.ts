/**
 * The session of the web page: the browser keeps it in a cookie that scripts cannot read and other
 * sites cannot send; the page holds an access token in memory only.
 */
import cookie from '@fastify/cookie'
import {
  ContractError,
  endSession,
  type Logger,
  type RawBody,
  readCredentials,
  recordEvent,
  resumeSession,
  SESSION_DAYS,
  type Session,
  startSession,
  type User,
} from '@obscura/shared'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Access, checkPassword } from '../access/access.js'
import { SignInBody } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'

const COOKIE = 'obscura_session'

/** POST, GET and DELETE /session */
export async function webSessionRoutes(app: FastifyInstance, dependencies: ApiDependencies, access: Access): Promise<void> {
  const { db, settings } = dependencies
  await app.register(cookie)
  app.addHook('onRequest', async request => requireSamePage(request))
  const options = (request: FastifyRequest) => {
    const { protocol, pathname } = new URL(settings.publicUrl())
    return {
      path: `${pathname.replace(/\/$/, '')}/session`,
      httpOnly: true,
      sameSite: 'strict',
      secure: protocol === 'https:' || request.protocol === 'https',
    } as const
  }
  const answer = async (user: User, session: Session) => {
    const { AccessToken, ExpiresIn } = await access.tokens.issue(user, session)
    return { access_token: AccessToken, expires_in: ExpiresIn, username: user.username, customer: user.customerId }
  }
  const config = { unexpected: 'signInUnexpected' } as const

  app.post<{ Body: RawBody }>('/session', { schema: { hide: true, body: SignInBody }, config }, async (request, reply) => {
    const log = request.log as Logger
    const address = request.ip
    const { username, password } = readCredentials(request.body)
    const { user, passwordHash } = await checkPassword(access, db, log, { username, password, address }, 'sign_in_refused')
    const session = await startSession(db, user.id, passwordHash)
    if (!session) throw new ContractError('wrongCredentials')
    recordEvent(log, 'sign_in', { actor: user.username, userId: user.id, session: session.id, address })
    reply.setCookie(COOKIE, session.refreshToken, { ...options(request), maxAge: SESSION_DAYS * 86_400 })
    return answer(user, session)
  })

  app.get('/session', { schema: { hide: true }, config }, async (request, reply) => {
    const token = request.cookies[COOKIE]
    const resumed = token === undefined ? undefined : await resumeSession(db, token)
    if (resumed) return answer(resumed.user, resumed.session)
    if (token !== undefined) recordEvent(request.log as Logger, 'refresh_refused', { address: request.ip, reason: 'unknown' })
    return endedAnswer(reply, options(request))
  })

  app.delete('/session', { schema: { hide: true }, config }, async (request, reply) => {
    const token = request.cookies[COOKIE]
    const resumed = token === undefined ? undefined : await resumeSession(db, token)
    if (resumed) {
      const { user, session } = resumed
      await endSession(db, session.id)
      access.sessions.forget()
      recordEvent(request.log as Logger, 'sign_out', {
        actor: user.username,
        userId: user.id,
        session: session.id,
        address: request.ip,
      })
    }
    return endedAnswer(reply, options(request))
  })
}

/** Nobody is signed in; not an error, since the page asks at every start. */
function endedAnswer(reply: FastifyReply, options: object): FastifyReply {
  return reply.clearCookie(COOKIE, options).code(204).send()
}

/**
 * The cookie is SameSite=Strict already; the header keeps out forms and other origins (CORS does
 * not allow it), also in browsers that ignore the attribute.
 * @throws ContractError badRequest
 */
function requireSamePage({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site']
  const isOwn = site === undefined || site === 'same-origin'
  if (headers['x-obscura-page'] === undefined || !isOwn) throw new ContractError('badRequest')
}
