import { randomUUID } from 'node:crypto'
import { ContractError, type Session, SIGNING_ALGORITHM, type User } from '@obscura/shared'
import { type CryptoKey, decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Keyring } from './keyring.js'
import type { LiveSessions } from './live-sessions.js'

/** Lifetime of access and ID tokens in seconds, unless their session ends earlier. */
const TOKEN_SECONDS = 3600
/** Audience of access tokens; programs that verify them should require it. */
export const AUDIENCE = 'obscura-api'
/** Audience of ID tokens. */
const CLIENT_AUDIENCE = 'obscura-client'

/** The authenticated sender of a request. */
export interface Caller {
  userId: string
  username: string
  customerId: string
  sessionId: string
}

/** The tokens of a response to signing in or refreshing. */
export interface IssuedTokens {
  AccessToken: string
  IdToken: string
  /** Seconds. */
  ExpiresIn: number
}

/** Issues and checks access tokens and ID tokens. */
export interface Tokens {
  /** New tokens of a session; those issued before remain valid. */
  issue(user: User, session: Session): Promise<IssuedTokens>
  /**
   * Reads an Authorization header: the bare access token, or one after `Bearer`.
   * @throws TokenRefusedError
   */
  verify(authorization: string | undefined): Promise<Caller>
}

/**
 * Why a token was refused, for the log and metrics; the client only sees what the contract says.
 */
export type RefusalReason = 'missing' | 'malformed' | 'unknown_key' | 'invalid' | 'expired' | 'session_ended'

/** The access token was refused. */
export class TokenRefusedError extends ContractError {
  constructor(
    readonly reason: RefusalReason,
    options?: ErrorOptions,
  ) {
    super(reason === 'expired' ? 'tokenExpired' : 'unauthorized', {}, options)
  }
}

/**
 * Number of verified tokens that are cached: clients poll, and verifying a signature costs more
 * than the rest of a status request.
 */
const CACHE_SIZE = 10_000

interface Checked {
  caller: Caller
  kid: string
  /** Milliseconds since 1970. */
  expires: number
}

/** @param issuer the claim `iss` */
export function createTokens(keyring: Keyring, sessions: LiveSessions, issuer: string): Tokens {
  const remembered = new LRUCache<string, Checked>({ max: CACHE_SIZE })

  async function sign(user: User, session: Session, seconds: number, claims: JWTPayload): Promise<string> {
    const { kid, key } = await keyring.signer()
    return new SignJWT({ customer_id: user.customerId, sid: session.id, ...claims })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid, typ: 'JWT' })
      .setSubject(user.id)
      .setIssuer(issuer)
      .setIssuedAt()
      .setExpirationTime(`${seconds}s`)
      .setJti(randomUUID())
      .sign(key)
  }

  async function check(token: string): Promise<Checked> {
    const kid = keyId(token)
    if (kid === undefined) throw new TokenRefusedError('malformed')
    const key = await keyring.verifier(kid)
    if (!key) throw new TokenRefusedError('unknown_key')
    const { sub, exp, username, customer_id, sid } = await claimsOf(token, key, issuer)
    const caller = { userId: sub, username, customerId: customer_id, sessionId: sid } as Caller
    return { caller, kid, expires: exp! * 1000 }
  }

  return {
    async issue(user, session) {
      const left = Math.floor((session.expireTime.getTime() - Date.now()) / 1000)
      const ExpiresIn = Math.max(1, Math.min(TOKEN_SECONDS, left))
      return {
        AccessToken: await sign(user, session, ExpiresIn, { token_use: 'access', aud: AUDIENCE, username: user.username }),
        IdToken: await sign(user, session, ExpiresIn, {
          token_use: 'id',
          aud: CLIENT_AUDIENCE,
          'cognito:username': user.username,
        }),
        ExpiresIn,
      }
    },

    async verify(authorization) {
      const token = authorization?.replace(/^Bearer\s+/i, '').trim()
      if (!token) throw new TokenRefusedError('missing')
      const known = remembered.get(token)
      const checked = known ?? (await check(token))
      if (!known) remembered.set(token, checked)
      if (checked.expires <= Date.now()) throw new TokenRefusedError('expired')
      // A key that has been deleted since is refused as well.
      if (known && !(await keyring.verifier(known.kid))) throw new TokenRefusedError('unknown_key')
      const { caller } = checked
      if (!(await sessions.isLive(caller.sessionId, caller.userId))) throw new TokenRefusedError('session_ended')
      return caller
    },
  }
}

/** The claims that an access token must have; tokens of versions without sessions lack `sid`. */
const REQUIRED = ['exp', 'sub', 'sid', 'customer_id', 'username']

async function claimsOf(token: string, key: CryptoKey, issuer: string): Promise<JWTPayload> {
  const expected = { algorithms: [SIGNING_ALGORITHM], typ: 'JWT', issuer, audience: AUDIENCE, requiredClaims: REQUIRED }
  const { payload } = await jwtVerify(token, key, expected).catch(error => {
    throw new TokenRefusedError(error instanceof errors.JWTExpired ? 'expired' : 'invalid', { cause: error })
  })
  if (payload.token_use !== 'access') throw new TokenRefusedError('invalid')
  return payload
}

function keyId(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid
  } catch {
    return undefined
  }
}
