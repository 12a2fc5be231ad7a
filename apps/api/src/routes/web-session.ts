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
  recordEvent,
  resumeSession,
  SESSION_DAYS,
  type Session,
  type User,
} from '@obscura/shared'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from '../access/access.js'
import { SignInBody } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { signIn } from './sign-in.js'

const COOKIE = 'obscura_session'
/** Over https: other hosts of the domain cannot set it, to sign somebody in as somebody else. */
const SECURE_COOKIE = `__Host-${COOKIE}`

/** POST, GET and DELETE /session */
export async function webSessionRoutes(app: FastifyInstance, dependencies: ApiDependencies, access: Access): Promise<void> {
  const { db, settings } = dependencies
  await app.register(cookie)
  app.addHook('onRequest', async request => requireSamePage(request))
  const cookieOf = (request: FastifyRequest) => {
    const { protocol, pathname } = new URL(settings.publicUrl())
    const secure = protocol === 'https:' || request.protocol === 'https'
    const prefix = pathname.replace(/\/$/, '')
    // Browsers accept the name with this path only; services of one host differ by their prefix.
    const name = secure ? SECURE_COOKIE + prefix.replaceAll(/[^\w]/g, '-') : COOKIE
    const path = secure ? '/' : `${prefix}/session`
    return { name, options: { path, httpOnly: true, sameSite: 'strict', secure } } as const
  }
  const sessionResponse = async (user: User, session: Session) => {
    const { AccessToken, ExpiresIn } = await access.tokens.issue(user, session)
    const { username, customerId: customer, isAdmin } = user
    return { access_token: AccessToken, expires_in: ExpiresIn, username, customer, is_admin: isAdmin }
  }
  const config = { unexpected: 'signInUnexpected' } as const

  app.post<{ Body: RawBody }>('/session', { schema: { hide: true, body: SignInBody }, config }, async (request, reply) => {
    const { user, session } = await signIn(access, db, request)
    const { name, options } = cookieOf(request)
    reply.setCookie(name, session.refreshToken, { ...options, maxAge: SESSION_DAYS * 86_400 })
    return sessionResponse(user, session)
  })

  app.get('/session', { schema: { hide: true }, config }, async (request, reply) => {
    const token = request.cookies[cookieOf(request).name]
    const resumed = token === undefined ? undefined : await resumeSession(db, token)
    if (resumed) return sessionResponse(resumed.user, resumed.session)
    if (token !== undefined) recordEvent(request.log as Logger, 'refresh_refused', { address: request.ip, reason: 'unknown' })
    // The cookie stays: by now the browser may have a newer one, of a session begun meanwhile.
    return endedResponse(reply)
  })

  app.delete('/session', { schema: { hide: true }, config }, async (request, reply) => {
    const token = request.cookies[cookieOf(request).name]
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
    const { name, options } = cookieOf(request)
    return endedResponse(reply.clearCookie(name, options))
  })
}

/** Nobody is signed in; not an error, since the page asks at every start. */
const endedResponse = (reply: FastifyReply): FastifyReply => reply.code(204).send()

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
