/**
 * Sessions: one per sign-in. Its access tokens are valid while its row exists, on every API
 * process. Its refresh token can be used once and yields the next one; a token used twice was
 * stolen, and ends the session (RFC 9700, 4.14.2).
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Queryable } from '../db/db.js'
import { USERS, type User } from './user.js'

/** A session ends this long after its sign-in, however often it was refreshed. */
export const SESSION_DAYS = 30
/** A session ends this long after its last refresh. */
export const SESSION_IDLE_DAYS = 7

/** A session with its newest refresh token. */
export interface Session {
  id: string
  /** Can be used once. */
  refreshToken: string
  expireTime: Date
}

/** The result of using a refresh token. */
export type Refreshed =
  | { outcome: 'refreshed'; session: Session; user: User }
  /**
   * expired: the session is over. reused: it was used before, and the session ends now. unknown: no
   * session has or had it.
   */
  | { outcome: 'expired' | 'reused' | 'unknown'; userId?: string }

/**
 * Starts a session; expired sessions of the same user are deleted. `passwordHash` is the hash that
 * the password was compared with.
 * @returns undefined when the user was removed or got another password meanwhile
 */
export async function startSession(db: Queryable, userId: string, passwordHash: string): Promise<Session | undefined> {
  await db.query('delete from sessions where user_id = $1 and refresh_time < now() - make_interval(days => $2)', [
    userId,
    SESSION_IDLE_DAYS,
  ])
  const id = randomUUID()
  const refreshToken = newToken(id)
  const [session] = await db.query<{ expireTime: Date }>(
    `insert into sessions (id, user_id, refresh_hash, expire_time)
     select $1, id, $3, now() + make_interval(days => $4) from users where id = $2 and password_hash = $5 for share
     returning expire_time as "expireTime"`,
    [id, userId, digest(refreshToken), SESSION_DAYS, passwordHash],
  )
  return session && { id, refreshToken, expireTime: session.expireTime }
}

/** Uses a refresh token up. */
export async function refreshSession(db: Queryable, token: string): Promise<Refreshed> {
  const id = sessionOf(token)
  if (id === undefined) return { outcome: 'unknown' }
  const refreshToken = newToken(id)
  const [session] = await db.query<{ userId: string; expireTime: Date }>(
    `update sessions set refresh_hash = $3, refresh_time = now()
     where id = $1 and refresh_hash = $2 and expire_time > now() and refresh_time > now() - make_interval(days => $4)
     returning user_id as "userId", expire_time as "expireTime"`,
    [id, digest(token), digest(refreshToken), SESSION_IDLE_DAYS],
  )
  if (!session) return endReusedSession(db, id, token)
  const [user] = await db.query<User>(`${USERS} where users.id = $1`, [session.userId])
  return user
    ? { outcome: 'refreshed', session: { id, refreshToken, expireTime: session.expireTime }, user }
    : { outcome: 'unknown' }
}

/**
 * Extends a session by its token without using the token up: for a browser's cookie, which all its
 * tabs send, and which scripts cannot read.
 * @returns undefined when the session is over
 */
export async function resumeSession(db: Queryable, token: string): Promise<{ session: Session; user: User } | undefined> {
  const id = sessionOf(token)
  if (id === undefined) return undefined
  const [session] = await db.query<{ userId: string; expireTime: Date }>(
    `update sessions set refresh_time = now()
     where id = $1 and refresh_hash = $2 and expire_time > now() and refresh_time > now() - make_interval(days => $3)
     returning user_id as "userId", expire_time as "expireTime"`,
    [id, digest(token), SESSION_IDLE_DAYS],
  )
  if (!session) return undefined
  const [user] = await db.query<User>(`${USERS} where users.id = $1`, [session.userId])
  return user && { session: { id, refreshToken: token, expireTime: session.expireTime }, user }
}

async function endReusedSession(db: Queryable, id: string, token: string): Promise<Refreshed> {
  const [ended] = await db.query<{ userId: string; current: boolean }>(
    'delete from sessions where id = $1 returning user_id as "userId", refresh_hash = $2 as current',
    [id, digest(token)],
  )
  return ended ? { outcome: ended.current ? 'expired' : 'reused', userId: ended.userId } : { outcome: 'unknown' }
}

/** Whether a session of a user is alive. */
export async function isSession(db: Queryable, id: string, userId: string): Promise<boolean> {
  const rows = await db.query('select from sessions where id = $1 and user_id = $2 and expire_time > now()', [id, userId])
  return rows.length > 0
}

/** Ends one session; its tokens are refused within two seconds. */
export async function endSession(db: Queryable, id: string): Promise<void> {
  await db.query('delete from sessions where id = $1', [id])
}

/**
 * Ends the sessions of a user, or with undefined those of all users, except `except`.
 * @returns how many
 */
export async function endSessions(db: Queryable, userId: string | undefined, except?: string): Promise<number> {
  const ended = await db.query(
    'delete from sessions where ($1::uuid is null or user_id = $1) and ($2::uuid is null or id <> $2) returning id',
    [userId ?? null, except ?? null],
  )
  return ended.length
}

/** The session's id and 256 random bits. */
function newToken(id: string): string {
  return `${id}.${randomBytes(32).toString('base64url')}`
}

function sessionOf(token: string): string | undefined {
  return /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[\w-]{43}$/.exec(token)?.[1]
}

// A plain hash of 256 random bits cannot be reversed by guessing.
function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
