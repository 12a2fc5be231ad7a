/** Customers own tasks; users sign in and act for their customer. */
import { randomUUID } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import type { Db, Queryable } from '../db/db.js'
import { newUsername, normalUsername } from './names.js'
import { MAX_PASSWORD_LENGTH } from './passwords.js'
import { endSessions } from './sessions.js'
import { USERS, type User } from './user.js'

/** The user name is already taken. */
export class UserExistsError extends Error {
  override readonly name = 'UserExistsError'
}

// The user with the given name ($1), otherwise with its normal form ($2): names from before
// normalisation remain valid.
const NAMED = '(select id from users where username in ($1, $2) order by username = $1 desc limit 1)'
const bothNames = (username: string) => [username, normalUsername(username)]

// argon2id is the library's default; memory (19 MiB) and passes (2) are OWASP's minimum, 12 ms on
// an ordinary core.
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/**
 * Adds a user to the customer of that name, which is created if missing. No two names differ by
 * case alone.
 * @throws UserExistsError, UsernameRefusedError
 */
export async function addUser(db: Db, username: string, password: string, customer: string): Promise<User> {
  const name = newUsername(username)
  const passwordHash = await hash(password, ARGON2)
  return db.transaction(async tx => {
    // Otherwise two names that differ by case could be added at the same time.
    await tx.query('lock table users in share row exclusive mode')
    const [taken] = await tx.query<{ username: string }>('select username from users where lower(username) = lower($1)', [name])
    if (taken) throw new UserExistsError(`A user named ${taken.username} already exists.`)
    await tx.query('insert into customers (id, name) values ($1, $2) on conflict (name) do nothing', [randomUUID(), customer])
    await tx.query(
      'insert into users (id, customer_id, username, password_hash) select $1, id, $2, $3 from customers where name = $4',
      [randomUUID(), name, passwordHash, customer],
    )
    return (await findUser(tx, name))!
  })
}

/** The user of that name, or of its normal form. */
export async function findUser(db: Queryable, username: string): Promise<User | undefined> {
  const [user] = await db.query<User>(`${USERS} where users.id = ${NAMED}`, bothNames(username))
  return user
}

/** All users by name; with `customer` only those of the customer of that name. */
export async function listUsers(db: Queryable, customer?: string): Promise<User[]> {
  return db.query<User>(`${USERS} where $1::text is null or customers.name = $1 order by users.username`, [customer ?? null])
}

/** Whether a user is an administrator. */
export async function isAdmin(db: Queryable, userId: string): Promise<boolean> {
  const rows = await db.query('select from users where id = $1 and is_admin', [userId])
  return rows.length > 0
}

/**
 * Locks the rows of all administrators until the transaction ends: whoever waited sees then who
 * still is one.
 * @returns their IDs
 */
export async function lockAdmins(db: Queryable): Promise<string[]> {
  const admins = await db.query<{ id: string }>('select id from users where is_admin order by id for update')
  return admins.map(({ id }) => id)
}

/** Makes a user an administrator, or no longer. @returns undefined when the user does not exist */
export async function setAdmin(db: Queryable, username: string, admin: boolean): Promise<User | undefined> {
  const user = await findUser(db, username)
  if (!user) return undefined
  await db.query('update users set is_admin = $2 where id = $1', [user.id, admin])
  return { ...user, isAdmin: admin }
}

let nobodysHash: Promise<string> | undefined

/** The result of checking a password. */
export interface Verified {
  /** The user of that name, if there is one. */
  user?: User
  /** Whether it is this user's password. */
  right: boolean
  /** The hash it was compared with: see {@link startSession}. */
  passwordHash?: string
}

/** Checks a password. Takes as long for a user that does not exist. */
export async function verifyPassword(db: Queryable, username: string, password: string): Promise<Verified> {
  const [found] = await db.query<User & { passwordHash: string }>(
    `${USERS.replace('select ', 'select users.password_hash as "passwordHash", ')} where users.id = ${NAMED}`,
    bothNames(username),
  )
  nobodysHash ??= hash(randomUUID(), ARGON2)
  const nobodys = await nobodysHash
  const fits = await verify(found?.passwordHash ?? nobodys, password.slice(0, MAX_PASSWORD_LENGTH))
  if (!found) return { right: false }
  const { passwordHash, ...user } = found
  return { user, right: fits && password.length <= MAX_PASSWORD_LENGTH, passwordHash }
}

/**
 * Sets a new password and ends the user's sessions.
 * @returns the user; undefined when the name is unknown
 */
export async function setPassword(db: Db, username: string, password: string): Promise<User | undefined> {
  const passwordHash = await hash(password, ARGON2)
  return db.transaction(async tx => {
    const user = await findUser(tx, username)
    if (!user) return undefined
    await tx.query('update users set password_hash = $2 where id = $1', [user.id, passwordHash])
    await endSessions(tx, user.id)
    return user
  })
}

/** A change by the user, who keeps the session in which it was made. */
export interface PasswordChange {
  userId: string
  sessionId: string
  password: string
  /** The hash that the old password was compared with. */
  oldHash: string
}

/**
 * Sets a new password for a user who knew the old one, and ends the user's other sessions.
 * @returns false when the user was removed or got another password meanwhile
 */
export async function changePassword(db: Db, { userId, sessionId, password, oldHash }: PasswordChange): Promise<boolean> {
  const passwordHash = await hash(password, ARGON2)
  return db.transaction(async tx => {
    const changed = await tx.query('update users set password_hash = $2 where id = $1 and password_hash = $3 returning id', [
      userId,
      passwordHash,
      oldHash,
    ])
    if (changed.length > 0) await endSessions(tx, userId, sessionId)
    return changed.length > 0
  })
}

/**
 * Removes a user, which ends their sessions; the customer and its tasks remain.
 * @returns undefined when the user does not exist
 */
export async function removeUser(db: Queryable, username: string): Promise<User | undefined> {
  const user = await findUser(db, username)
  if (user) await db.query('delete from users where id = $1', [user.id])
  return user
}
