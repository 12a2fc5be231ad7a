import {
  addUserAsAdmin,
  type Config,
  createLogger,
  LastAdministratorError,
  listUsers,
  openDatabase,
  PasswordRefusedError,
  removeUserAsAdmin,
  setAdminAsAdmin,
  setPasswordAsAdmin,
  signOutAsAdmin,
  type User,
  UserExistsError,
  UsernameRefusedError,
} from '@obscura/shared'
import { CommandError } from '../command-error.js'
import { openingError } from '../opening-error.js'
import { findRunningService, type RunningService } from '../running-service.js'

/** User administration. Each method throws a CommandError that says what is wrong. */
export interface UserAdmin {
  add(username: string, password: string, customer: string): Promise<void>
  list(customer?: string): Promise<User[]>
  setPassword(username: string, password: string): Promise<void>
  /** Makes a user an administrator, or no longer. */
  setAdmin(username: string, isAdmin: boolean): Promise<void>
  remove(username: string): Promise<void>
  /** Ends the sessions of a user, or of all users. @returns how many */
  signOut(username?: string): Promise<number>
  close(): Promise<void>
}

/**
 * Opens the users of the configured service: PostgreSQL directly, beside running processes; the
 * embedded database through the running service, or in its folder when none is running.
 */
export async function openUserAdmin(config: Config): Promise<UserAdmin> {
  const service = config.DATABASE_URL ? undefined : await findRunningService(config)
  return service ? throughService(service) : inDatabase(config)
}

async function inDatabase(config: Config): Promise<UserAdmin> {
  const db = await openDatabase(config).catch(error => {
    throw openingError(error)
  })
  // Events are logged in a container or job; at a terminal the command prints them.
  const log = createLogger(process.stderr.isTTY ? 'silent' : config.LOG_LEVEL)
  const administration = { db, log, minPasswordLength: config.PASSWORD_MIN_LENGTH }
  return {
    add: async (username, password, customer) => {
      await withCommandErrors(addUserAsAdmin(administration, username, password, customer))
    },
    list: customer => listUsers(db, customer),
    setPassword: async (username, password) => {
      found(await withCommandErrors(setPasswordAsAdmin(administration, username, password)), username)
    },
    setAdmin: async (username, isAdmin) => {
      found(await withCommandErrors(setAdminAsAdmin(administration, username, isAdmin)), username)
    },
    remove: async username => {
      found(await withCommandErrors(removeUserAsAdmin(administration, username)), username)
    },
    signOut: async username => found(await signOutAsAdmin(administration, username), username ?? ''),
    close: () => db.close(),
  }
}

const KNOWN = [UserExistsError, UsernameRefusedError, PasswordRefusedError, LastAdministratorError]

/** Converts errors that the user can fix into a CommandError. */
async function withCommandErrors<T>(work: Promise<T>): Promise<T> {
  return work.catch(error => {
    throw KNOWN.some(kind => error instanceof kind) ? new CommandError(error.message) : error
  })
}

function found<T>(result: T | undefined, username: string): T {
  if (result === undefined) throw noSuchUser(username)
  return result
}

function throughService({ ask, close }: RunningService): UserAdmin {
  const path = (username: string) => `/admin/users/${encodeURIComponent(username)}`
  const change = async (method: string, target: string, username: string, body?: unknown) => {
    const { ok, status, json } = await ask(method, target, body)
    if (ok) return json
    if (status === 404) throw noSuchUser(username)
    throw new CommandError(json.message)
  }
  return {
    add: (username, password, customer) => change('POST', '/admin/users', username, { username, password, customer }),
    async list(customer) {
      const { json } = await ask('GET', `/admin/users${customer ? `?customer=${encodeURIComponent(customer)}` : ''}`)
      const { users } = json as { users: (Omit<User, 'createTime'> & { createTime: string })[] }
      return users.map(user => ({ ...user, createTime: new Date(user.createTime) }))
    },
    setPassword: (username, password) => change('PUT', `${path(username)}/password`, username, { password }),
    setAdmin: (username, isAdmin) => change(isAdmin ? 'PUT' : 'DELETE', `${path(username)}/admin`, username),
    remove: username => change('DELETE', path(username), username),
    async signOut(username) {
      const target = username === undefined ? '/admin/sessions' : `${path(username)}/sessions`
      return (await change('DELETE', target, username ?? '')).count
    },
    close,
  }
}

function noSuchUser(username: string): CommandError {
  return new CommandError(`There is no user named ${username}. \`obscura user list\` lists all users.`)
}
