import { randomBytes } from 'node:crypto'
import {
  addUserAsAdmin,
  type Config,
  type Db,
  type Logger,
  listUsers,
  PasswordRefusedError,
  setAdminAsAdmin,
  UsernameRefusedError,
  verifyPassword,
} from '@obscura/shared'
import { CommandError } from '../command-error.js'

/** What to print about signing in. */
export interface FirstUser {
  username: string
  /** The generated password, which can only be shown now. */
  generatedPassword?: string
  /** OBSCURA_PASSWORD is set, but it is not this user's password. */
  differs: boolean
}

type FirstUserConfig = Pick<Config, 'OBSCURA_USERNAME' | 'OBSCURA_PASSWORD' | 'PASSWORD_MIN_LENGTH'>

/**
 * Creates the user given by OBSCURA_USERNAME and OBSCURA_PASSWORD when there are no users; it is an
 * administrator.
 * @throws CommandError when the name or password is refused
 */
export async function ensureFirstUser(db: Db, config: FirstUserConfig, log: Logger): Promise<FirstUser> {
  const { OBSCURA_USERNAME: username, OBSCURA_PASSWORD: password, PASSWORD_MIN_LENGTH: minPasswordLength } = config
  const users = await listUsers(db)
  if (users.length > 0) {
    const differs = password !== undefined && !(await verifyPassword(db, username, password)).right
    return { username: password === undefined ? users[0].username : username, differs }
  }
  const generatedPassword = password === undefined ? generatePassword(minPasswordLength) : undefined
  const user = await addUserAsAdmin({ db, log, minPasswordLength }, username, password ?? generatedPassword!, 'default').catch(
    error => {
      if (error instanceof PasswordRefusedError)
        throw new CommandError(`OBSCURA_PASSWORD cannot be used. ${error.message} To generate one: openssl rand -hex 24`)
      if (error instanceof UsernameRefusedError) throw new CommandError(`OBSCURA_USERNAME cannot be used. ${error.message}`)
      throw error
    },
  )
  await setAdminAsAdmin({ db, log, minPasswordLength }, user.username, true)
  return { username: user.username, generatedPassword, differs: false }
}

/** 96 random bits or more, in characters that need no quotes. */
function generatePassword(minLength: number): string {
  return randomBytes(Math.max(12, minLength)).toString('base64url').slice(0, Math.max(16, minLength))
}
