/**
 * A statement failed. What database and driver say about it is full of the statement's values: the message quotes what could not be read,
 * the detail shows the whole row, PGlite adds all parameters. Errors travel far, so this one holds none of that, nor a cause that does.
 */
export class StatementError extends Error {
  override readonly name = 'StatementError'

  constructor(
    message: string,
    /** The SQLSTATE, or the system's code for a connection that failed. */
    readonly code?: string,
  ) {
    super(message)
  }
}

const SQLSTATE = /^[0-9A-Z]{5}$/
/**
 * Classes of SQLSTATEs whose messages name parts of the schema, the server's state or the SQL itself, never a value: connections, constraints,
 * transactions, access, names and syntax, resources, operators' doing, the system.
 */
const NO_VALUES = /^(08|23|25|28|3D|3F|40|42|53|55|57|58)/

/** Makes what a driver threw for a statement fit to be shown. */
export function asStatementError(error: unknown): StatementError {
  if (error instanceof StatementError) return error
  const { code, routine } = error as { code?: string; routine?: string }
  if (code === undefined || !SQLSTATE.test(code)) return new StatementError(connectionMessage(error), code)
  const said = NO_VALUES.test(code)
    ? (error as Error).message
    : `The database rejected a value${routine ? ` in ${routine}` : ''}.`
  return new StatementError(`${said} (SQLSTATE ${code})`, code)
}

// A host with several addresses fails with an error for each and no message of its own.
function connectionMessage(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: Error[] }
  return message || errors?.map(each => each.message).join('; ') || code || 'The database failed.'
}
