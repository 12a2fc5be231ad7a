import { randomUUID } from 'node:crypto'
import { ContractError, SIGNING_ALGORITHM, type User } from '@obscura/shared'
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { Keyring } from './keyring.js'

/** Seconds that access and id tokens are good for. */
export const TOKEN_SECONDS = 3600

/** Who sends a request. */
export interface Caller {
  userId: string
  customerId: string
}

export interface Tokens {
  /** A fresh pair for a user; tokens issued before stay good. */
  issue(user: User): Promise<{ AccessToken: string; IdToken: string }>
  /** Reads an Authorization header: the bare access token, or one after `Bearer`. @throws ContractError unauthorized or tokenExpired */
  verify(authorization: string | undefined): Promise<Caller>
}

/** Checked tokens are remembered, because clients poll: a signature costs more than the rest of a status request. */
const REMEMBERED = 10_000

export function createTokens(keyring: Keyring, issuer: () => string): Tokens {
  const remembered = new Map<string, Caller & { expires: number }>()

  async function sign(user: User, use: 'access' | 'id', claims: JWTPayload): Promise<string> {
    const { kid, key } = await keyring.signer()
    return new SignJWT({ token_use: use, customer_id: user.customerId, ...claims })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid, typ: 'JWT' })
      .setSubject(user.id)
      .setIssuer(issuer())
      .setIssuedAt()
      .setExpirationTime(`${TOKEN_SECONDS}s`)
      .setJti(randomUUID())
      .sign(key)
  }

  return {
    async issue(user) {
      return {
        AccessToken: await sign(user, 'access', { username: user.username }),
        IdToken: await sign(user, 'id', { 'cognito:username': user.username }),
      }
    },

    async verify(authorization) {
      const token = authorization?.replace(/^Bearer\s+/i, '').trim()
      if (!token) throw new ContractError('unauthorized')
      const known = remembered.get(token)
      if (known && known.expires > Date.now()) return known
      remembered.delete(token)

      const { sub, exp, customer_id, token_use } = await payload(token, keyring)
      if (token_use !== 'access') throw new ContractError('unauthorized')
      const caller = { userId: sub!, customerId: customer_id as string, expires: exp! * 1000 }
      if (remembered.size >= REMEMBERED) remembered.delete(remembered.keys().next().value!)
      remembered.set(token, caller)
      return caller
    },
  }
}

async function payload(token: string, keyring: Keyring): Promise<JWTPayload> {
  const kid = keyId(token)
  const key = kid === undefined ? undefined : await keyring.verifier(kid)
  if (!key) throw new ContractError('unauthorized')
  try {
    return (await jwtVerify(token, key, { algorithms: [SIGNING_ALGORITHM], requiredClaims: ['exp', 'sub'] })).payload
  } catch (error) {
    throw new ContractError(error instanceof errors.JWTExpired ? 'tokenExpired' : 'unauthorized', {}, { cause: error })
  }
}

function keyId(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid
  } catch {
    return undefined
  }
}
