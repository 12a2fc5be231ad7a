/** The user name is not allowed for a new user; the message says why. */
export class UsernameRefusedError extends Error {
  override readonly name = 'UsernameRefusedError'
}

/** Maximum length of a name in characters. */
export const MAX_USERNAME_LENGTH = 64

// Without letters that look like others (a Cyrillic or full-width a), so that no two names look
// alike except by case.
const ALLOWED = /^[A-Za-z0-9](?:[A-Za-z0-9._@+ -]*[A-Za-z0-9])?$/

/** Longer texts cannot be names, and would take long to normalise. */
const MAX_TYPED_LENGTH = 256

/** The form in which names are compared: NFKC, without surrounding white space. */
export function normalUsername(username: string): string {
  return username.slice(0, MAX_TYPED_LENGTH).normalize('NFKC').trim()
}

/** The normal form of a new user's name. @throws UsernameRefusedError */
export function newUsername(username: string): string {
  const name = normalUsername(username)
  if (name.length > MAX_USERNAME_LENGTH || !ALLOWED.test(name))
    throw new UsernameRefusedError(
      `A user name must have 1 to ${MAX_USERNAME_LENGTH} characters: letters A to Z, digits, and . _ @ + - or spaces between them.`,
    )
  return name
}
