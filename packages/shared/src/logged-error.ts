/**
 * What the log shows of an error and its causes: type, a message without secrets, codes and stack.
 * No other properties.
 */

/** An error as it is logged. */
export interface LoggedError {
  type: string
  message: string
  code?: string
  /** Status of an HTTP response. */
  status?: number
  /** The server's ID of the request, for its log. */
  requestId?: string
  /** The stack without the message. */
  stack?: string
  cause?: LoggedError
  /** Errors of an AggregateError. */
  errors?: LoggedError[]
}

const MAX_DEPTH = 5
const MAX_ERRORS = 5
const MAX_MESSAGE = 1000
const MAX_STACK = 5000

/**
 * An allow-list: libraries attach statements with parameters, requests with signatures, rows and
 * sockets to their errors, and all of it would be printed.
 */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: withoutSecrets(typeof error === 'string' ? error : '') }
  const { code, statusCode, $metadata, errors } = error as ErrorFields
  const deeper = depth < MAX_DEPTH
  return {
    type: error.name,
    // A parser quotes what it could not parse.
    message: error instanceof SyntaxError ? 'Failed to parse a text.' : withoutSecrets(error.message),
    code: typeof code === 'string' ? withoutSecrets(code) : undefined,
    status: $metadata?.httpStatusCode ?? statusCode,
    requestId: $metadata?.requestId,
    stack: frames(error),
    cause: deeper && error.cause !== undefined ? loggedError(error.cause, depth + 1) : undefined,
    errors: deeper && Array.isArray(errors) ? errors.slice(0, MAX_ERRORS).map(each => loggedError(each, depth + 1)) : undefined,
  }
}

interface ErrorFields {
  code?: unknown
  statusCode?: number
  $metadata?: { httpStatusCode?: number; requestId?: string }
  errors?: unknown
}

/**
 * Makes a text safe for the log: at most 1000 characters, without queries and passwords of URLs and
 * without tokens.
 */
export function withoutSecrets(text: string): string {
  return text
    .slice(0, MAX_MESSAGE)
    .replace(/\?[^\s"'<>]+/g, '')
    .replace(/\/\/[^\s/@]*@/g, '//')
    .replace(/\b(Bearer|Basic) [^\s"']+/gi, '$1 ...')
    .replace(/\beyJ[\w.-]+/g, '...')
}

function frames({ stack }: Error): string | undefined {
  return stack
    ?.split('\n')
    .filter(line => /^ {4}at \S/.test(line))
    .map(withoutSecrets)
    .join('\n')
    .slice(0, MAX_STACK)
}
