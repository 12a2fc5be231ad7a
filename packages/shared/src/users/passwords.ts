/** Which passwords a user may be given; those that users have already stay as they are. */

/** The password is too easy to guess; the message says why. */
export class PasswordRefusedError extends Error {
  override readonly name = 'PasswordRefusedError'
}

/** Longer texts are no password: hashing them would take time for nothing. */
export const MAX_PASSWORD_LENGTH = 1024

/** What stands in examples and settings, and what this service is called. */
const KNOWN_WORDS = ['change-me', 'changeme', 'change me', 'obscura', 'celantur', 'password', 'admin']
/** So much has to be left of a password without such words and the user's name. */
const MIN_OWN_LENGTH = 8
/** `aaaaaaaaaaaa` and `121212121212` are none. */
const MIN_DISTINCT = 5

/**
 * Checks a new password: its length in characters, and that it is neither common, alone or between digits and signs, nor made of the user's
 * name. No kind of character is asked for (NIST SP 800-63B, OWASP ASVS 6.2).
 * @throws PasswordRefusedError
 */
export async function checkNewPassword(password: string, username: string, minLength: number): Promise<void> {
  const characters = [...password]
  if (characters.length < minLength) throw new PasswordRefusedError(`The password must have at least ${minLength} characters.`)
  if (password.length > MAX_PASSWORD_LENGTH)
    throw new PasswordRefusedError(`The password must have at most ${MAX_PASSWORD_LENGTH} characters.`)
  if (new Set(characters).size < MIN_DISTINCT)
    throw new PasswordRefusedError(
      'The password repeats too few characters. A few words that do not belong together make a good one.',
    )
  const lower = password.toLowerCase()
  const name = username.toLowerCase()
  const own = [...KNOWN_WORDS, ...(name.length > 2 ? [name] : [])].reduce((text, word) => text.replaceAll(word, ''), lower)
  if (own.length < MIN_OWN_LENGTH)
    throw new PasswordRefusedError("The password is too close to the user's name, to that of the service, or to an example.")
  const common = await commonPasswords()
  if (common.has(lower) || common.has(lower.replace(/^[^\p{L}]+/u, '').replace(/[^\p{L}]+$/u, '')))
    throw new PasswordRefusedError('The password is a common one. A few words that do not belong together make a good one.')
}

let loaded: Promise<Set<string>> | undefined

/** The 49,000 most common passwords of published breaches, in lower case; loaded when first asked for. */
function commonPasswords(): Promise<Set<string>> {
  loaded ??= import('@zxcvbn-ts/language-common').then(({ dictionary }) => new Set(dictionary['passwords-common']))
  return loaded
}
