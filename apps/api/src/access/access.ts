/** Authentication: what the routes for signing in, refreshing and changing a password share. */
import { ContractError, type Db, type EventDetails, type Logger, recordEvent, type User, verifyPassword } from '@obscura/shared'
import { type Attempts, createAttempts } from './attempts.js'
import { createKeyring, type Keyring } from './keyring.js'
import { createLiveSessions, type LiveSessions } from './live-sessions.js'
import { createTokens, type Tokens } from './tokens.js'

/** Parts of authentication, made once for the process. */
export interface Access {
  keyring: Keyring
  sessions: LiveSessions
  tokens: Tokens
  attempts: Attempts
}

/**
 * `issuer` is written into the tokens: the same for every API process of a service, and never taken
 * from a request.
 */
export function createAccess(db: Db, log: Logger, issuer: string): Access {
  const keyring = createKeyring(db, log)
  const sessions = createLiveSessions(db)
  return { keyring, sessions, tokens: createTokens(keyring, sessions, issuer), attempts: createAttempts(db) }
}

/** A submitted password and the address it came from. */
export interface PasswordGiven {
  username: string
  password: string
  address: string
}

/**
 * Checks a password, counts a wrong one, and records `event` when it is refused.
 * @throws ContractError wrongCredentials, attemptsExceeded or signInBusy
 */
export async function checkPassword(
  { attempts }: Access,
  db: Db,
  log: Logger,
  given: PasswordGiven,
  event: 'sign_in_refused' | 'password_refused',
): Promise<{ user: User; passwordHash: string }> {
  const { username, password, address } = given
  const note = (reason: string, user?: User) => {
    const who: EventDetails = user ? { actor: user.username, userId: user.id } : {}
    recordEvent(log, event, { ...who, address, reason })
  }
  const { user, right, passwordHash } = await attempts
    .password({ username, address }, () => verifyPassword(db, username, password))
    .catch(error => {
      if (error instanceof ContractError) note(error.code === 'signInBusy' ? 'busy' : 'throttled')
      throw error
    })
  if (!user || !right) {
    note(user ? 'wrong_password' : 'unknown_user', user)
    throw new ContractError('wrongCredentials')
  }
  return { user, passwordHash: passwordHash! }
}
