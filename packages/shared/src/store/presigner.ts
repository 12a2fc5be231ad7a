import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner'

/** Signs a URL for one object. `query` becomes part of what is signed. */
export type Presign = (method: 'GET' | 'PUT', key: string, seconds: number, query?: Record<string, string>) => Promise<string>

/**
 * Signs URLs of a bucket. The SDK's `getSignedUrl` sends each through the whole client, which takes 0.86 ms; its presigner alone takes 0.08, and each
 * answer about a task holds up to four URLs.
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

/** Where the client finds the bucket: in the path or in the host name, as its settings and the bucket's name will have it. */
async function urlOfBucket(client: S3Client, bucket: string): Promise<URL> {
  const url = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: 'key' })))
  url.pathname = url.pathname.replace(/key$/, '')
  return url
}

/** As RFC 3986 and S3 have it: encodeURIComponent leaves five more characters as they are. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
