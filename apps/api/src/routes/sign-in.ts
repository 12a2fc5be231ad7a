import { ContractError, issueRefreshToken, type RawBody, readCredentials, type User, verifyPassword } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { createThrottle } from '../access/throttle.js'
import { TOKEN_SECONDS, type Tokens } from '../access/tokens.js'
import { SignInAnswer, SignInBody, SignInError } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'

const schema = {
  summary: 'Sign in with username and password',
  tags: ['sign in'],
  body: SignInBody,
  response: { 200: SignInAnswer, 400: SignInError, 500: SignInError },
}

/** Days a refresh token is good for: AWS Cognito's default. */
const REFRESH_SECONDS = 30 * 86_400

/** POST /v2/signin */
export function signInRoute(app: FastifyInstance, { db }: ApiDependencies, tokens: Tokens): void {
  const throttle = createThrottle()
  const config = { unexpected: 'signInUnexpected' } as const

  app.post<{ Body: RawBody }>('/v2/signin', { schema, config }, async request => {
    const { username, password } = readCredentials(request.body)
    const refuseGuessing = () => {
      if (!throttle.allows(username, request.ip)) throw new ContractError('attemptsExceeded')
    }
    refuseGuessing()
    const user = await verifyPassword(db, username, password)
    // Once more, or a thousand guesses at the same moment would all get an answer.
    refuseGuessing()
    throttle.note(username, request.ip, user !== undefined)
    if (!user) throw new ContractError('wrongCredentials')
    return signInAnswer(db, tokens, user)
  })
}

/** Fresh tokens for a user, at the top level and, as the documentation's own snippet reads them, under AuthenticationResult. */
export async function signInAnswer(db: ApiDependencies['db'], tokens: Tokens, user: User) {
  const { AccessToken, IdToken } = await tokens.issue(user)
  const RefreshToken = await issueRefreshToken(db, user.id, REFRESH_SECONDS)
  const result = { AccessToken, ExpiresIn: TOKEN_SECONDS, TokenType: 'Bearer', RefreshToken, IdToken }
  return { ...result, AuthenticationResult: result }
}
