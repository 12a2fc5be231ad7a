import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/**
 * Fields that never reach the log, wherever they stand in what is logged: each opens a door or
 * shows somebody.
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

/** Bytes of lines that are kept while they cannot be written. */
const MAX_KEPT = 1e6

/**
 * The log: one JSON object a line. Log task ids; never image content, URLs with signatures, tokens, passwords or addresses of people. The
 * fields that would hold them are cut out up to three levels deep, and the signature out of every `url`, should somebody forget.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET.flatMap(field => [field, `*.${field}`, `*.*.${field}`]), remove: true },
      serializers: {
        err: pino.stdSerializers.err,
        req: ({ method, url }) => ({ method, url: withoutQuery(url) }),
        url: withoutQuery,
      },
    },
    destination ?? standardError(),
  )
}

/**
 * Standard error. While it cannot be written (a full disk), the service works on: some lines are
 * kept for later, and then dropped.
 */
function standardError(): DestinationStream {
  return pino.destination({ dest: 2, sync: true, maxLength: MAX_KEPT }).on('error', () => {})
}

function withoutQuery(url: unknown): unknown {
  return typeof url === 'string' ? url.replace(/\?.*$/s, '') : undefined
}
