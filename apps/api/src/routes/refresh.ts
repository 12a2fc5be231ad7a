import { ContractError, findUser, type RawBody, readTexts, redeemRefreshToken } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import type { Tokens } from '../access/tokens.js'
import { RefreshBody, SignInAnswer, SignInError } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { signInAnswer } from './sign-in.js'

const schema = {
  summary: 'Get new tokens for a refresh token (an addition of Obscura)',
  description: 'A refresh token is good once, for 30 days.',
  tags: ['sign in'],
  body: RefreshBody,
  response: { 200: SignInAnswer, 400: SignInError, 500: SignInError },
}

/** POST /v2/refresh */
export function refreshRoute(app: FastifyInstance, { db }: ApiDependencies, tokens: Tokens): void {
  const config = { unexpected: 'signInUnexpected' } as const
  app.post<{ Body: RawBody }>('/v2/refresh', { schema, config }, async request => {
    const username = await redeemRefreshToken(db, readTexts(request.body, ['RefreshToken']).RefreshToken)
    const user = username === undefined ? undefined : await findUser(db, username)
    if (!user) throw new ContractError('refreshTokenInvalid')
    return signInAnswer(db, tokens, user)
  })
}
