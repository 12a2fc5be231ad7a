import { isOutage, ObjectMissingError, ObjectTooLargeError, ShortageError, SignatureError } from '@obscura/shared'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendAndLinger } from '../linger.js'
import { RangeOutsideError } from '../range.js'
import { StalledError } from '../request-body.js'
import { ReplacedError } from '../uploads/newest-uploads.js'
import { TooManyUploadsError } from '../uploads/upload-slots.js'

/** Seconds until a retry after the disk was full or the database unavailable. */
const RETRY_SECONDS = 60

// biome-ignore lint/suspicious/noExplicitAny: constructors take what they like
type ErrorClass = new (...given: any[]) => Error

/** Status, code and message as in S3, by error; without a message, that of the error. */
const S3_ERRORS: readonly [type: ErrorClass, status: number, code: string, message?: string][] = [
  [SignatureError, 403, 'AccessDenied'],
  [ObjectMissingError, 404, 'NoSuchKey', 'The specified key does not exist.'],
  [RangeOutsideError, 416, 'InvalidRange', 'The requested range is not satisfiable'],
  [ObjectTooLargeError, 413, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size'],
  [ReplacedError, 409, 'OperationAborted', 'A newer upload to this URL has begun.'],
  [
    StalledError,
    400,
    'RequestTimeout',
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
  ],
  // S3 clients retry this later.
  [ShortageError, 503, 'SlowDown'],
  [TooManyUploadsError, 503, 'SlowDown', 'Please reduce your request rate.'],
]

/** Answers errors of file routes as S3 does, in XML. */
export async function handleAsS3(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const fallback = isOutage(error) ? OUTAGE : UNEXPECTED
  const [, status, code, message = (error as Error).message] = S3_ERRORS.find(([type]) => error instanceof type) ?? fallback
  const clientLeft = request.raw.destroyed && !request.raw.complete
  if ((status === 500 || fallback === OUTAGE) && !clientLeft)
    request.log.error({ err: error }, 'A file request failed unexpectedly.')
  if (request.method === 'PUT') reply.header('connection', 'close')
  if (status === 503) reply.header('retry-after', RETRY_SECONDS)
  reply.code(status).type('application/xml')
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${request.id}</RequestId></Error>`
  return sendAndLinger(request, reply, xml)
}

/** The database is unavailable. */
const OUTAGE: (typeof S3_ERRORS)[number] = [Error, 503, 'ServiceUnavailable', 'Service is unable to handle request.']

const UNEXPECTED: (typeof S3_ERRORS)[number] = [
  Error,
  500,
  'InternalError',
  'We encountered an internal error. Please try again.',
]
