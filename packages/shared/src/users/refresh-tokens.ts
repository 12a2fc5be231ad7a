/** Refresh tokens: random, good once, kept as hashes only. */
import { createHash, randomBytes } from 'node:crypto'
import type { Queryable } from '../db/db.js'

/** Issues a token for a user; expired ones of the same user are cleared away. */
export async function issueRefreshToken(db: Queryable, userId: string, seconds: number): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await db.query('delete from refresh_tokens where user_id = $1 and expire_time < now()', [userId])
  await db.query('insert into refresh_tokens (hash, user_id, expire_time) values ($1, $2, now() + make_interval(secs => $3))', [
    digest(token),
    userId,
    seconds,
  ])
  return token
}

/** Uses a token up. @returns the username it was issued for; undefined when it is unknown, used or expired */
export async function redeemRefreshToken(db: Queryable, token: string): Promise<string | undefined> {
  const [redeemed] = await db.query<{ username: string | null }>(
    `delete from refresh_tokens using users
     where hash = $1 and users.id = user_id and expire_time > now()
     returning users.username`,
    [digest(token)],
  )
  return redeemed?.username ?? undefined
}

// The token is 256 random bits: a plain hash cannot be reversed by guessing.
function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
