/** The user name cannot be given to a new user; the message says why. */
export class UsernameRefusedError extends Error {
  override readonly name = 'UsernameRefusedError'
}

/** Characters of the longest name. */
export const MAX_USERNAME_LENGTH = 64

// Letters that look like others (a Cyrillic a, a full-width a) are not among these, so no two names look alike but for case.
const ALLOWED = /^[A-Za-z0-9](?:[A-Za-z0-9._@+ -]*[A-Za-z0-9])?$/

/** What is longer is nobody's name, and would take long to normalise. */
const MAX_TYPED_LENGTH = 256

/** A name as it is compared: NFKC, without white space around it. */
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
