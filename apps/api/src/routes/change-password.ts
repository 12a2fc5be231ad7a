import {
  ContractError,
  changePassword,
  checkNewPassword,
  type Logger,
  PasswordRefusedError,
  type RawBody,
  readTexts,
  recordEvent,
} from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { type Access, checkPassword } from '../access/access.js'
import { ChangePasswordBody, MessageResponse, SignInError } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'

const schema = {
  summary: 'Change your own password (an addition of Obscura)',
  description:
    'Keeps the session of the access token and ends all other sessions of the user. Wrong old passwords count as failed sign-ins.',
  tags: ['sign in'],
  security: [{ accessToken: [] }],
  body: ChangePasswordBody,
  response: {
    204: { type: 'null' },
    400: SignInError,
    401: MessageResponse,
    429: SignInError,
    500: SignInError,
    503: SignInError,
  },
}

/** POST /v2/password */
export function changePasswordRoute(app: FastifyInstance, { db, settings }: ApiDependencies, access: Access): void {
  const config = { unexpected: 'signInUnexpected' } as const
  app.post<{ Body: RawBody }>('/v2/password', { schema, config }, async (request, reply) => {
    const log = request.log as Logger
    const address = request.ip
    const { username, userId, sessionId } = request.caller
    const { old_password, new_password } = readTexts(request.body, ['old_password', 'new_password'])
    const { passwordHash } = await checkPassword(
      access,
      db,
      log,
      { username, password: old_password, address },
      'password_refused',
    )
    await checkNewPassword(new_password, username, settings.minPasswordLength).catch(error => {
      if (!(error instanceof PasswordRefusedError)) throw error
      recordEvent(log, 'password_refused', { actor: username, userId, address, reason: 'policy' })
      throw new ContractError('passwordRefused', { cause: error.message })
    })
    const change = { userId, sessionId, password: new_password, oldHash: passwordHash }
    // An administrator's reset while the old password was checked stands.
    if (!(await changePassword(db, change))) throw new ContractError('wrongCredentials')
    access.sessions.forget()
    recordEvent(log, 'password_changed', { actor: username, userId, session: sessionId, address })
    return reply.code(204).send()
  })
}
