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
import { type Ask, findRunningService } from '../running-service.js'

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
  const service = await findRunningService(config)
  return service ? throughService(service) : inDatabase(config)
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

function throughService(ask: Ask): Directory {
  const path = (username: string) => `/admin/users/${encodeURIComponent(username)}`
  const change = async (method: string, target: string, username: string, body?: unknown) => {
    const response = await ask(method, target, body)
    if (response.ok) return
    if (response.status === 404) throw noSuchUser(username)
    const { message } = (await response.json()) as { message: string }
    throw new Failure(message)
  }
  return {
    add: (username, password, customer) => change('POST', '/admin/users', username, { username, password, customer }),
    async list(customer) {
      const response = await ask('GET', `/admin/users${customer ? `?customer=${encodeURIComponent(customer)}` : ''}`)
      const { users } = (await response.json()) as { users: (Omit<User, 'createTime'> & { createTime: string })[] }
      return users.map(user => ({ ...user, createTime: new Date(user.createTime) }))
    },
    setPassword: (username, password) => change('PUT', `${path(username)}/password`, username, { password }),
    remove: username => change('DELETE', path(username), username),
    close: async () => {},
  }
}

function noSuchUser(username: string): Failure {
  return new Failure(`There is no user named ${username}. \`obscura user list\` shows who there is.`)
}
