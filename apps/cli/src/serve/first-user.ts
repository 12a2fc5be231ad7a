import { randomBytes } from 'node:crypto'
import { addUser, type Config, type Db, listUsers, verifyPassword } from '@obscura/shared'

/** What to tell about signing in. */
export interface FirstUser {
  username: string
  /** Set when it was made up just now: the only time that it can be shown. */
  madeUp?: string
  /** OBSCURA_PASSWORD is set, but it is not this user's password. */
  differs: boolean
}

/** Makes the user that OBSCURA_USERNAME and OBSCURA_PASSWORD name when there is no user at all. */
export async function ensureFirstUser(db: Db, config: Pick<Config, 'OBSCURA_USERNAME' | 'OBSCURA_PASSWORD'>): Promise<FirstUser> {
  const { OBSCURA_USERNAME: username, OBSCURA_PASSWORD: password } = config
  const users = await listUsers(db)
  if (users.length > 0) {
    const differs = password !== undefined && !(await verifyPassword(db, username, password))
    return { username: password === undefined ? users[0].username : username, differs }
  }
  const madeUp = password === undefined ? randomBytes(12).toString('base64url') : undefined
  await addUser(db, username, password ?? madeUp!, 'default')
  return { username, madeUp, differs: false }
}
