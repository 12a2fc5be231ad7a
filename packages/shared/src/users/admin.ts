/**
 * Administration of users and customers: checked, logged and counted, in the service and in the
 * command; by users it is also recorded in the audit log.
 */
import type { Db, Queryable } from '../db/db.js'
import type { Logger } from '../log.js'
import { type Actor, type AdminAction, recordAdminChange } from './audit.js'
import { removeCustomer, setRetention } from './customers.js'
import { type EventDetails, recordEvent } from './events.js'
import { checkNewPassword } from './passwords.js'
import { endSessions } from './sessions.js'
import type { User } from './user.js'
import { addUser, findUser, lockAdmins, removeUser, setAdmin, setPassword } from './users.js'

/** The actor is no longer an administrator. */
export class NotAdministratorError extends Error {
  override readonly name = 'NotAdministratorError'
}

/** Administrators do not remove themselves or their own role, so that there always is one. */
export class OwnAccountError extends Error {
  override readonly name = 'OwnAccountError'
}

/** Neither does anybody at the machine remove the only one. */
export class LastAdministratorError extends Error {
  override readonly name = 'LastAdministratorError'
  constructor(username: string) {
    super(`${username} is the only administrator. Make another user one first: obscura user admin NAME`)
  }
}

/** Who changes users, and where. */
export interface AdminContext {
  db: Db
  log: Logger
  /** Minimum length of new passwords in characters. */
  minPasswordLength: number
  /** The administrator; absent: somebody at the machine of the service. */
  actor?: Actor
}

const MACHINE = 'administrator'

/** What was changed, for the audit log and the event. */
interface Change<T> {
  result: T
  subject: string
  details: EventDetails
}

/** Makes a change and records it, both or neither, and logs it then. */
async function recorded<T>(
  { db, log, actor }: AdminContext,
  action: AdminAction,
  work: (tx: Db) => Promise<Change<T> | undefined>,
): Promise<T | undefined> {
  const change = await db.transaction(async tx => {
    const change = await work({ ...tx, transaction: inner => inner(tx), close: async () => undefined })
    if (change && actor) await recordAdminChange(tx, { ...actor, action, subject: change.subject })
    return change
  })
  if (change) recordEvent(log, action, { actor: actor?.username ?? MACHINE, address: actor?.address, ...change.details })
  return change?.result
}

const changeOf = (user: User | undefined): Change<User> | undefined =>
  user && { result: user, subject: user.username, details: { user: user.username, userId: user.id } }

/**
 * Keeps administrators from being removed by one whom somebody else has just removed: until the
 * transaction ends, no other such change is made.
 * @returns the IDs of all administrators
 * @throws NotAdministratorError
 */
async function requireAdministrator(tx: Queryable, { actor }: AdminContext): Promise<string[]> {
  const admins = await lockAdmins(tx)
  if (actor && !admins.includes(actor.userId)) throw new NotAdministratorError()
  return admins
}

/** @throws OwnAccountError, LastAdministratorError */
async function requireRemaining(tx: Queryable, admins: readonly string[], username: string, actor?: Actor): Promise<void> {
  const user = await findUser(tx, username)
  if (user && user.id === actor?.userId) throw new OwnAccountError()
  if (user && admins.length === 1 && admins[0] === user.id) throw new LastAdministratorError(user.username)
}

/** Adds a user. @throws UsernameRefusedError, PasswordRefusedError, UserExistsError */
export async function addUserAsAdmin(context: AdminContext, username: string, password: string, customer: string): Promise<User> {
  await checkNewPassword(password, username, context.minPasswordLength)
  const user = await recorded(context, 'user_added', async tx => changeOf(await addUser(tx, username, password, customer)))
  return user!
}

/**
 * Sets a password and ends the user's sessions.
 * @returns undefined when the user does not exist
 * @throws PasswordRefusedError
 */
export async function setPasswordAsAdmin(context: AdminContext, username: string, password: string): Promise<User | undefined> {
  await checkNewPassword(password, username, context.minPasswordLength)
  return recorded(context, 'password_set', async tx => changeOf(await setPassword(tx, username, password)))
}

/**
 * Makes a user an administrator, or no longer.
 * @returns undefined when the user does not exist
 * @throws NotAdministratorError, OwnAccountError, LastAdministratorError
 */
export async function setAdminAsAdmin(context: AdminContext, username: string, admin: boolean): Promise<User | undefined> {
  return recorded(context, admin ? 'admin_granted' : 'admin_revoked', async tx => {
    const admins = await requireAdministrator(tx, context)
    if (!admin) await requireRemaining(tx, admins, username, context.actor)
    return changeOf(await setAdmin(tx, username, admin))
  })
}

/**
 * Removes a user.
 * @returns undefined when the user does not exist
 * @throws NotAdministratorError, OwnAccountError, LastAdministratorError
 */
export async function removeUserAsAdmin(context: AdminContext, username: string): Promise<User | undefined> {
  return recorded(context, 'user_removed', async tx => {
    const admins = await requireAdministrator(tx, context)
    await requireRemaining(tx, admins, username, context.actor)
    return changeOf(await removeUser(tx, username))
  })
}

/**
 * Ends the sessions of a user, or of all users.
 * @returns how many; undefined when the user does not exist
 */
export async function signOutAsAdmin(context: AdminContext, username?: string): Promise<number | undefined> {
  return recorded(context, 'sessions_ended', async tx => {
    const user = username === undefined ? undefined : await findUser(tx, username)
    if (username !== undefined && !user) return undefined
    const count = await endSessions(tx, user?.id)
    const about = user ? { user: user.username, userId: user.id } : { reason: 'everybody' }
    return { result: count, subject: user?.username ?? '*', details: { ...about, count } }
  })
}

/**
 * Removes a customer that has no users and no tasks.
 * @returns its name; undefined when there is no such customer
 * @throws CustomerInUseError
 */
export async function removeCustomerAsAdmin(context: AdminContext, id: string): Promise<string | undefined> {
  return recorded(context, 'customer_removed', async tx => {
    const customer = await removeCustomer(tx, id)
    return customer === undefined ? undefined : { result: customer, subject: customer, details: { customer } }
  })
}

/**
 * Sets the retention of a customer in days; null: as the setting says.
 * @returns its name; undefined when there is no such customer
 */
export async function setRetentionAsAdmin(context: AdminContext, id: string, days: number | null): Promise<string | undefined> {
  return recorded(context, 'retention_set', async tx => {
    const customer = await setRetention(tx, id, days)
    return customer === undefined
      ? undefined
      : { result: customer, subject: customer, details: { customer, count: days ?? undefined } }
  })
}
