/** Signed URLs: method, key, expiry and headers of the response, authenticated with HMAC-SHA256. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a signed URL allows. */
export interface SignedRequest {
  key: string
  /** For GET: the Content-Type to answer with. */
  contentType?: string
  /** For GET: the Cache-Control to answer with. */
  cacheControl?: string
}

/** The signed URL is forged, altered, for another method, or has expired. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError'
}

type Method = 'PUT' | 'GET' | 'HEAD'

/** Path of the routes that serve signed URLs. */
export const FILES_PATH = '/files/'

/** Path and query of a URL that allows `method` on `key` until `expires` (seconds since 1970). */
export function signPath(secret: Buffer, method: 'PUT' | 'GET', request: SignedRequest, expires: number): string {
  const { key, contentType, cacheControl } = request
  const headers = { ...(contentType && { type: contentType }), ...(cacheControl && { cache: cacheControl }) }
  const query = new URLSearchParams({ expires: String(expires), ...headers })
  query.set('signature', signature(secret, method, key, query).toString('base64url'))
  return `${FILES_PATH}${key}?${query}`
}

/**
 * Checks a request's method, path and query against its signature; a URL for GET is also valid for
 * HEAD. `now` is in ms.
 * @throws SignatureError
 */
export function verifyPath(secret: Buffer, method: Method, path: string, now = Date.now()): SignedRequest {
  const start = path.indexOf(FILES_PATH)
  const end = path.indexOf('?')
  if (start < 0 || end < start) throw new SignatureError('The URL is not signed.')
  const key = path.slice(start + FILES_PATH.length, end)
  const query = new URLSearchParams(path.slice(end))
  const given = Buffer.from(query.get('signature') ?? '', 'base64url')
  const right = signature(secret, method === 'HEAD' ? 'GET' : method, key, query)
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new SignatureError('The signature does not match.')
  if (Number(query.get('expires')) * 1000 <= now) throw new SignatureError('Request has expired') // S3's words
  return { key, contentType: query.get('type') ?? undefined, cacheControl: query.get('cache') ?? undefined }
}

function signature(secret: Buffer, method: string, key: string, query: URLSearchParams): Buffer {
  const sealed = JSON.stringify([method, key, query.get('expires'), query.get('type'), query.get('cache')])
  return createHmac('sha256', secret).update(sealed).digest()
}
