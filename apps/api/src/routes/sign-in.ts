import {
  ContractError,
  type Logger,
  type RawBody,
  readCredentials,
  recordEvent,
  type Session,
  startSession,
  type User,
} from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Access, checkPassword } from '../access/access.js'
import { SignInBody, SignInError, SignInResponse } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'

const schema = {
  summary: 'Sign in with username and password',
  tags: ['sign in'],
  body: SignInBody,
  response: { 200: SignInResponse, 400: SignInError, 429: SignInError, 500: SignInError, 503: SignInError },
}

/** POST /v2/signin */
export function signInRoute(app: FastifyInstance, { db }: ApiDependencies, access: Access): void {
  const config = { unexpected: 'signInUnexpected' } as const
  app.post<{ Body: RawBody }>('/v2/signin', { schema, config }, async request => {
    const { user, session } = await signIn(access, db, request)
    return signInResponse(access, user, session)
  })
}

/** Starts a session with the user name and password in a request's body. @throws ContractError */
export async function signIn(access: Access, db: ApiDependencies['db'], request: FastifyRequest) {
  const log = request.log as Logger
  const address = request.ip
  const { username, password } = readCredentials(request.body as RawBody)
  const { user, passwordHash } = await checkPassword(access, db, log, { username, password, address }, 'sign_in_refused')
  const session = await startSession(db, user.id, passwordHash)
  // The user was removed or got a new password since the password was checked.
  if (!session) throw new ContractError('wrongCredentials')
  recordEvent(log, 'sign_in', { actor: user.username, userId: user.id, session: session.id, address })
  return { user, session }
}

/**
 * New tokens of a session, at the top level and, where the snippet in the vendor's documentation
 * reads them, under AuthenticationResult.
 */
export async function signInResponse({ tokens }: Access, user: User, session: Session) {
  const { AccessToken, IdToken, ExpiresIn } = await tokens.issue(user, session)
  const result = { AccessToken, ExpiresIn, TokenType: 'Bearer', RefreshToken: session.refreshToken, IdToken }
  return { ...result, AuthenticationResult: result }
}
