/**
 * An error that the user can fix: the message says what is wrong and what to do. Shown without a
 * stack; the command exits with `exitCode`.
 */
export class CommandError extends Error {
  override readonly name = 'CommandError'

  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message)
  }
}
