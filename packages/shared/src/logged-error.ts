/** What the log shows of an error: its kind, a message without secrets, codes and stack, of its causes too. Nothing else that hangs on it. */

export interface LoggedError {
  type: string
  message: string
  code?: string
  /** Of an HTTP answer. */
  status?: number
  /** The server's name for the request, which its own log knows. */
  requestId?: string
  /** Where it was thrown, without the message. */
  stack?: string
  cause?: LoggedError
  /** Of an AggregateError. */
  errors?: LoggedError[]
}

const MAX_DEPTH = 5
const MAX_ERRORS = 5
const MAX_MESSAGE = 1000
const MAX_STACK = 5000

/**
 * An allow-list: libraries hang statements with their parameters, requests with their signatures, rows and sockets on their errors, and all
 * of it used to be printed.
 */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: withoutSecrets(typeof error === 'string' ? error : '') }
  const { code, statusCode, $metadata, errors } = error as ErrorFields
  const deeper = depth < MAX_DEPTH
  return {
    type: error.name,
    // A parser quotes what it could not read.
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

/** A text as it may be logged: at most 1000 characters, without queries and passwords of URLs and without tokens. */
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
