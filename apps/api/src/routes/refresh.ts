import {
  ContractError,
  type Logger,
  type RawBody,
  readTexts,
  recordEvent,
  refreshSession,
  SESSION_DAYS,
  SESSION_IDLE_DAYS,
} from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import type { Access } from '../access/access.js'
import { RefreshBody, SignInError, SignInResponse } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { signInResponse } from './sign-in.js'

const schema = {
  summary: 'Get new tokens for a refresh token (an addition of Obscura)',
  description:
    `A refresh token can be used once, within ${SESSION_IDLE_DAYS} days, and no later than ${SESSION_DAYS} days after signing in. ` +
    'Using it a second time ends the session: store the new token from each response.',
  tags: ['sign in'],
  body: RefreshBody,
  response: { 200: SignInResponse, 400: SignInError, 500: SignInError, 503: SignInError },
}

/** POST /v2/refresh */
export function refreshRoute(app: FastifyInstance, { db }: ApiDependencies, access: Access): void {
  const config = { unexpected: 'signInUnexpected' } as const
  app.post<{ Body: RawBody }>('/v2/refresh', { schema, config }, async request => {
    const log = request.log as Logger
    const address = request.ip
    const { RefreshToken } = readTexts(request.body, ['RefreshToken'])
    const refreshed = await access.attempts
      .token(address, () => refreshSession(db, RefreshToken), 'refreshed')
      .catch(error => {
        if (error instanceof ContractError) recordEvent(log, 'refresh_refused', { address, reason: 'throttled' })
        throw error
      })
    if (refreshed.outcome !== 'refreshed') {
      const { outcome, userId } = refreshed
      access.sessions.forget()
      if (outcome === 'reused') recordEvent(log, 'refresh_reused', { userId, address })
      else recordEvent(log, 'refresh_refused', { userId, address, reason: outcome })
      throw new ContractError('refreshTokenInvalid')
    }
    const { user, session } = refreshed
    recordEvent(log, 'refresh', { actor: user.username, userId: user.id, session: session.id, address })
    return signInResponse(access, user, session)
  })
}
