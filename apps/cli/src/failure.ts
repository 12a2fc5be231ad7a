/** Something the user has to change: the message says what is wrong and what to do. Shown without a stack; the command ends with `exitCode`. */
export class Failure extends Error {
  override readonly name = 'Failure'

  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message)
  }
}
