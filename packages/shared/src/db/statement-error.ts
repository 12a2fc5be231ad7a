import type { BackingError } from '../outage.js'

/**
 * A statement failed. Errors of database and driver contain values of the statement: the message
 * quotes what could not be parsed, the detail shows the whole row, PGlite adds all parameters.
 * Errors spread widely, so this one contains none of that, and no such cause.
 */
export class StatementError extends Error implements BackingError {
  override readonly name = 'StatementError'

  constructor(
    message: string,
    /** The SQLSTATE, or the system's code of a failed connection. */
    readonly code?: string,
  ) {
    super(message)
  }

  get isOutage(): boolean {
    const { code, message } = this
    if (code === undefined) return DRIVER_OUTAGES.test(message)
    return SYSTEM_CODE.test(code) || OUTAGES.test(code)
  }
}

const SQLSTATE = /^(?!E[A-Z]{4}$)[0-9A-Z]{5}$/
/** Of the network, such as ECONNREFUSED or EPIPE; Node.js's own begin with ERR_. */
const SYSTEM_CODE = /^E(?!RR_)[A-Z_]+$/
/** SQLSTATEs about connections and their number, and of a server that starts, stops or recovers. */
const OUTAGES = /^(08|57P|53300)/
/** Messages of the driver's errors without a code. */
const DRIVER_OUTAGES = /connect|not queryable/i
/**
 * Classes of SQLSTATEs whose messages name parts of the schema, the server's state or the SQL
 * itself, never a value: connections, constraints, transactions, access, names and syntax,
 * resources, operator intervention, the system.
 */
const NO_VALUES = /^(08|23|25|28|3D|3F|40|42|53|55|57|58)/

/** Converts the error of a driver into one that is safe to show. */
export function asStatementError(error: unknown): StatementError {
  if (error instanceof StatementError) return error
  const { code, routine } = error as { code?: string; routine?: string }
  if (code === undefined || !SQLSTATE.test(code)) return new StatementError(connectionMessage(error), code)
  const said = NO_VALUES.test(code)
    ? (error as Error).message
    : `The database rejected a value${routine ? ` in ${routine}` : ''}.`
  return new StatementError(`${said} (SQLSTATE ${code})`, code)
}

// For a host with several addresses there is an error for each, and no message of its own.
function connectionMessage(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: Error[] }
  return message || errors?.map(each => each.message).join('; ') || code || 'The database failed.'
}
