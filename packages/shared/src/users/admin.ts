/** User administration: checked, logged and counted, both in the service and in the command. */
import type { Db } from '../db/db.js'
import type { Logger } from '../log.js'
import { type EventDetails, recordEvent } from './events.js'
import { checkNewPassword } from './passwords.js'
import { endSessions } from './sessions.js'
import type { User } from './user.js'
import { addUser, findUser, removeUser, setPassword } from './users.js'

export interface AdminContext {
  db: Db
  log: Logger
  /** Minimum length of new passwords in characters. */
  minPasswordLength: number
}

const ACTOR = 'administrator'
const about = ({ id, username }: User): EventDetails => ({ actor: ACTOR, user: username, userId: id })

/** Adds a user. @throws UsernameRefusedError, PasswordRefusedError, UserExistsError */
export async function addUserAsAdmin(
  { db, log, minPasswordLength }: AdminContext,
  username: string,
  password: string,
  customer: string,
): Promise<User> {
  await checkNewPassword(password, username, minPasswordLength)
  const user = await addUser(db, username, password, customer)
  recordEvent(log, 'user_added', about(user))
  return user
}

/**
 * Sets a password and ends the user's sessions.
 * @returns undefined when the user does not exist
 * @throws PasswordRefusedError
 */
export async function setPasswordAsAdmin(
  { db, log, minPasswordLength }: AdminContext,
  username: string,
  password: string,
): Promise<User | undefined> {
  await checkNewPassword(password, username, minPasswordLength)
  const user = await setPassword(db, username, password)
  if (user) recordEvent(log, 'password_set', about(user))
  return user
}

/** Removes a user. @returns undefined when the user does not exist */
export async function removeUserAsAdmin({ db, log }: AdminContext, username: string): Promise<User | undefined> {
  const user = await removeUser(db, username)
  if (user) recordEvent(log, 'user_removed', about(user))
  return user
}

/**
 * Ends the sessions of a user, or of all users.
 * @returns how many; undefined when the user does not exist
 */
export async function signOutAsAdmin({ db, log }: AdminContext, username?: string): Promise<number | undefined> {
  const user = username === undefined ? undefined : await findUser(db, username)
  if (username !== undefined && !user) return undefined
  const count = await endSessions(db, user?.id)
  recordEvent(log, 'sessions_ended', { ...(user ? about(user) : { actor: ACTOR, reason: 'everybody' }), count })
  return count
}
