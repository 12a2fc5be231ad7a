/** Errors of S3 with advice. */
import { S3ServiceException } from '@aws-sdk/client-s3'
import { certificateAdvice } from '../certificates.js'
import type { BackingError } from '../outage.js'

/** A request to S3 failed; the message names the request, the reason and what to do about it. */
export class S3Error extends Error implements BackingError {
  override readonly name = 'S3Error'
  /** The server's or the connection's code, such as NoSuchBucket or ECONNREFUSED. */
  readonly code: string

  constructor(request: string, code: string, cause: unknown) {
    const advice = ADVICE[code] ?? certificateAdvice(cause) ?? (cause instanceof Error ? cause.message : String(cause))
    super(`S3 ${request} failed with ${code}: ${advice}`, { cause: bare(cause) })
    this.code = code
  }

  get isOutage(): boolean {
    return OUTAGES.has(this.code) || ADVICE[this.code] === CONNECTION
  }
}

// The SDK attaches the whole response to its errors, with the request, its headers and the signed
// text.
function bare(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause
  const { name, message, stack } = cause
  const { code, $metadata } = cause as { code?: string; $metadata?: object }
  return Object.assign(new Error(message), { name, stack, ...(code && { code }), ...($metadata && { $metadata }) })
}

const CONNECTION = 'S3_ENDPOINT cannot be reached. Check the address and whether the server is running.'
const CREDENTIALS = 'The server refused the key. Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.'
const CODES: Record<number, string> = { 403: 'AccessDenied', 500: 'InternalError', 503: 'SlowDown' }

const ADVICE: Record<string, string> = {
  NoSuchBucket: 'The bucket named by S3_BUCKET does not exist. `obscura setup` creates it.',
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  CredentialsProviderError: 'Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or assign a role to this machine.',
  AccessDenied:
    'The key lacks permission. Its policy must allow listing the bucket, and reading, writing and deleting its objects.',
  RequestTimeTooSkewed: "This machine's clock and the server's differ by more than 15 minutes.",
  AuthorizationHeaderMalformed: 'S3_REGION is not the region of the bucket.',
  PermanentRedirect: 'The bucket is not at S3_ENDPOINT or not in S3_REGION.',
  BucketAlreadyExists: 'The bucket named by S3_BUCKET belongs to another account. Choose another name.',
  InternalError: 'The server failed. See its log.',
  SlowDown: 'The server is overloaded. Requests are retried.',
  ECONNREFUSED: CONNECTION,
  ECONNRESET: CONNECTION,
  ENOTFOUND: CONNECTION,
  EAI_AGAIN: CONNECTION,
  TimeoutError: CONNECTION,
}

/** The server fails or is overloaded; so are errors of the connection. */
const OUTAGES = new Set(['InternalError', 'SlowDown', 'ServiceUnavailable', 'Busy'])

/** Whether the object does not exist or no longer has the requested ETag. */
export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && ['NoSuchKey', 'NotFound', 'PreconditionFailed'].includes(error.name)
}

/** Whether the server does not support the request: not every S3 server supports all of them. */
export function isUnsupported(error: unknown): boolean {
  return error instanceof S3Error && UNSUPPORTED.has(error.code)
}

const UNSUPPORTED = new Set(['NotImplemented', 'MethodNotAllowed', 'MalformedXML', 'XNotImplemented'])

/**
 * Converts errors of the server or the connection to an S3Error; others, such as that of a body's
 * stream, are unchanged.
 */
export function asS3Error(request: string, error: unknown): unknown {
  const { code, name } = error as { code?: string; name: string }
  if (error instanceof S3ServiceException) {
    // The response to HEAD has no body, so no code.
    const status = error.$metadata.httpStatusCode
    return new S3Error(request, /Unknown/.test(name) ? (CODES[status ?? 0] ?? `status ${status}`) : name, error)
  }
  if (code !== undefined && certificateAdvice(error)) return new S3Error(request, code, error)
  const known = [code, name].find(word => word !== undefined && word in ADVICE)
  return known === undefined ? error : new S3Error(request, known, error)
}
