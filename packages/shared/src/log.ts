import { type DestinationStream, type Logger, pino } from 'pino'
import { loggedError, withoutSecrets } from './logged-error.js'

export type { Logger }

/**
 * Fields that are always removed from the log: they grant access or identify a person.
 */
const SECRET = [
  'password',
  'AccessToken',
  'IdToken',
  'RefreshToken',
  'token',
  'authorization',
  'cookie',
  'upload_url',
  'anonymized_url',
  'original_url',
  'webhook',
  'ip',
  'remoteAddress',
]

/** Bytes of lines that are buffered while they cannot be written. */
const MAX_KEPT = 1e6

/**
 * The log: one JSON object per line. Log task IDs; never image content, URLs with signatures,
 * tokens, passwords or addresses of people. As a safeguard, fields that would hold them are removed
 * up to three levels deep, the signature is removed from every `url`, and only harmless parts of
 * errors are shown.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET.flatMap(field => [field, `*.${field}`, `*.*.${field}`]), remove: true },
      serializers: {
        err: loggedError,
        reason: (reason: unknown) => (typeof reason === 'string' ? withoutSecrets(reason) : reason),
        req: ({ method, url }) => ({ method, url: withoutQuery(url) }),
        url: withoutQuery,
      },
      hooks: {
        // Without a message, pino would use that of the error unchanged; libraries also pass it
        // themselves.
        logMethod([first, message, ...values], method) {
          if (typeof first === 'string') return method.call(this, withoutSecrets(first), message, ...values)
          const fields = (first instanceof Error ? { err: first } : first) as { err?: unknown } | undefined
          const said = message ?? (fields?.err instanceof Error ? loggedError(fields.err).message : undefined)
          method.call(this, fields, typeof said === 'string' ? withoutSecrets(said) : said, ...values)
        },
      },
    },
    destination ?? standardError(),
  )
}

/**
 * Standard error. While it cannot be written (a full disk), the service keeps working: some lines
 * are buffered, further ones dropped.
 */
function standardError(): DestinationStream {
  return pino.destination({ dest: 2, sync: true, maxLength: MAX_KEPT }).on('error', () => {})
}

function withoutQuery(url: unknown): unknown {
  return typeof url === 'string' ? url.replace(/\?.*$/s, '') : undefined
}
