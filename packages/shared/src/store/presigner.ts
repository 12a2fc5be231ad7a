import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner'

/** Signs a URL for one object. `query` is included in the signature. */
export type Presign = (method: 'GET' | 'PUT', key: string, seconds: number, query?: Record<string, string>) => Promise<string>

/**
 * Signs URLs of a bucket. The SDK's `getSignedUrl` uses the whole client, which takes 0.86 ms; its
 * presigner alone takes 0.08 ms, and each response about a task contains up to four URLs.
 */
export function createPresigner(client: S3Client, bucket: string): Presign {
  const { region, credentials, sha256 } = client.config
  const presigner = new S3RequestPresigner({ region, credentials, sha256 })
  let known: Promise<URL> | undefined
  return async (method, key, seconds, query = {}) => {
    known ??= urlOfBucket(client, bucket)
    const { protocol, hostname, port, pathname } = await known
    const path = pathname + key.split('/').map(percentEncode).join('/')
    const request = { method, protocol, hostname, port: port ? Number(port) : undefined, path, query, headers: {} }
    const signed = await presigner.presign(request, { expiresIn: seconds })
    const parameters = Object.entries(signed.query ?? {}).map(
      ([name, value]) => `${percentEncode(name)}=${percentEncode(String(value))}`,
    )
    return `${protocol}//${hostname}${port && `:${port}`}${path}?${parameters.join('&')}`
  }
}

/**
 * The URL of the bucket for the client: in the path or in the host name, depending on its settings
 * and the bucket's name.
 */
async function urlOfBucket(client: S3Client, bucket: string): Promise<URL> {
  const url = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: 'key' })))
  url.pathname = url.pathname.replace(/key$/, '')
  return url
}

/**
 * Percent-encoding of RFC 3986 and S3: encodeURIComponent leaves five more characters unencoded.
 */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
