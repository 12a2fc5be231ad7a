import { ADMIN_HEADER, type AdminAccess, readAdminAccess } from '@obscura/api'
import {
  addUser,
  type Config,
  FolderLockedError,
  listUsers,
  openDatabase,
  removeUser,
  setPassword,
  type User,
  UserExistsError,
} from '@obscura/shared'
import { Failure } from '../failure.js'

/** Where users are kept. Each throws a Failure that says what is wrong. */
export interface Directory {
  add(username: string, password: string, customer: string): Promise<void>
  list(customer?: string): Promise<User[]>
  setPassword(username: string, password: string): Promise<void>
  remove(username: string): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the users of the service that the settings describe: through the running service, because only one process may have the embedded
 * database open, else in the database itself.
 */
export async function openDirectory(config: Config): Promise<Directory> {
  const access = await readAdminAccess(config.OBSCURA_DATA)
  if (access && (await isRunning(access))) return throughService(access)
  return inDatabase(config)
}

async function inDatabase(config: Config): Promise<Directory> {
  const db = await openDatabase(config).catch(error => {
    throw error instanceof FolderLockedError ? new Failure(error.message) : error
  })
  const found = (is: boolean, username: string) => {
    if (!is) throw noSuchUser(username)
  }
  return {
    async add(username, password, customer) {
      try {
        await addUser(db, username, password, customer)
      } catch (error) {
        throw error instanceof UserExistsError ? new Failure(error.message) : error
      }
    },
    list: customer => listUsers(db, customer),
    setPassword: async (username, password) => found(await setPassword(db, username, password), username),
    remove: async username => found(await removeUser(db, username), username),
    close: () => db.close(),
  }
}

function throughService(access: AdminAccess): Directory {
  const path = (username: string) => `/admin/users/${encodeURIComponent(username)}`
  const change = async (method: string, target: string, username: string, body?: unknown) => {
    const response = await ask(access, method, target, body)
    if (response.ok) return
    if (response.status === 404) throw noSuchUser(username)
    const { message } = (await response.json()) as { message: string }
    throw new Failure(message)
  }
  return {
    add: (username, password, customer) => change('POST', '/admin/users', username, { username, password, customer }),
    async list(customer) {
      const response = await ask(access, 'GET', `/admin/users${customer ? `?customer=${encodeURIComponent(customer)}` : ''}`)
      const { users } = (await response.json()) as { users: (Omit<User, 'createTime'> & { createTime: string })[] }
      return users.map(user => ({ ...user, createTime: new Date(user.createTime) }))
    },
    setPassword: (username, password) => change('PUT', `${path(username)}/password`, username, { password }),
    remove: username => change('DELETE', path(username), username),
    close: async () => {},
  }
}

/** A service that was killed leaves its address behind: another program may answer there by now, but not to our secret. */
async function isRunning(access: AdminAccess): Promise<boolean> {
  const response = await ask(access, 'GET', '/admin/users').catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok === true
}

function ask({ url, secret }: AdminAccess, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: { [ADMIN_HEADER]: secret },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
}

function noSuchUser(username: string): Failure {
  return new Failure(`There is no user named ${username}. \`obscura user list\` shows who there is.`)
}
