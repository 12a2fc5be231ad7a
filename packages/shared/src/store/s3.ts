/** Store in a bucket of any S3-compatible server. */
import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { createPresigner } from './presigner.js'
import { asS3Error, isMissing, isUnsupported } from './s3-errors.js'
import { type ObjectInfo, ObjectMissingError, type ObjectStore } from './store.js'

/** An S3 server and its key. */
export interface S3Options {
  /** Address of the server for this process. */
  endpoint: string
  /** Address for clients: signed URLs start with this, and the host is part of the signature. */
  publicEndpoint: string
  region: string
  bucket: string
  /** Absent: default credentials of the SDK (environment, files, the machine's role). */
  credentials?: { accessKeyId: string; secretAccessKey: string }
  /** The bucket in the path rather than in the host name. */
  forcePathStyle: boolean
  /**
   * Requested for each object that this process writes. Uploads through signed URLs get the default
   * of the bucket: see s3-setup.ts.
   */
  encryption?: S3Encryption
}

/** Encryption by the server; without `keyId` with the server's own key. */
export interface S3Encryption {
  algorithm: 'AES256' | 'aws:kms'
  keyId?: string
}

// Larger bodies are sent in parts, which are retried separately; S3 allows 10,000 of them: 80 GB.
const PART_BYTES = 8 * 1024 * 1024

/** A client for `endpoint`, used by the store and its setup. */
export function createS3Client(options: S3Options, endpoint: string): S3Client {
  const config: S3ClientConfig = {
    endpoint,
    region: options.region,
    credentials: options.credentials,
    forcePathStyle: options.forcePathStyle,
    // By default the SDK adds the CRC32 of an empty body to each signed PUT URL, and trailers that
    // other servers than AWS refuse.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 5,
    // Without a limit we would wait forever for a silent server.
    requestHandler: { connectionTimeout: 5000, socketTimeout: 30_000 },
  }
  return new S3Client(config)
}

/**
 * Opens the store without a request to the server. `batch` is the number of keys that S3 lists or
 * deletes at once. Failed requests throw S3Error.
 */
export function openS3Store(options: S3Options, batch = 1000): ObjectStore {
  const client = createS3Client(options, options.endpoint)
  const signer = createS3Client(options, options.publicEndpoint)
  const presign = createPresigner(signer, options.bucket)
  const at = (key: string) => ({ Bucket: options.bucket, Key: key })
  const list = (prefix: string, limit: number, after?: string) => listKeys(client, options.bucket, prefix, limit, after)

  return {
    presignPut: (key, seconds) => presign('PUT', key, seconds),
    presignGet: (key, seconds, contentType, cacheControl) =>
      presign('GET', key, seconds, {
        ...(cacheControl && { 'response-cache-control': cacheControl }),
        ...(contentType && { 'response-content-type': contentType }),
      }),
    async head(key) {
      try {
        const { ContentLength, ContentType, ETag, LastModified } = await client.send(new HeadObjectCommand(at(key)))
        return { size: ContentLength ?? 0, contentType: ContentType, etag: ETag ?? '', modified: LastModified ?? new Date(0) }
      } catch (error) {
        if (isMissing(error)) return undefined
        throw asS3Error('HeadObject', error)
      }
    },
    async get(key, etag) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ ...at(key), IfMatch: etag }))
        return asBuffer((await Body?.transformToByteArray()) ?? new Uint8Array())
      } catch (error) {
        if (isMissing(error)) throw new ObjectMissingError(`The object ${key} does not exist or was replaced.`, { cause: error })
        throw asS3Error('GetObject', error)
      }
    },
    async put(key, body, contentType): Promise<ObjectInfo> {
      const Body = body instanceof Uint8Array ? asBuffer(body) : body
      const params = { ...at(key), Body, ContentType: contentType, ...encrypted(options.encryption) }
      let etag: string | undefined
      try {
        const isSmall = Buffer.isBuffer(Body) && Body.length <= PART_BYTES
        const sent = isSmall
          ? client.send(new PutObjectCommand(params))
          : new Upload({ client, params, partSize: PART_BYTES, queueSize: 2 }).done()
        etag = (await sent).ETag
      } catch (error) {
        // The failure of a body's stream is reported as that of the part being sent.
        throw (body instanceof Readable && body.errored) || asS3Error('PutObject', error)
      }
      if (etag && Buffer.isBuffer(Body)) return { size: Body.length, contentType, etag, modified: new Date() }
      const info = await this.head(key)
      if (!info) throw new ObjectMissingError(`The object ${key} was deleted right after it was written.`)
      return info
    },
    async copy(from, to, etag) {
      // Servers differ in what they do with encrypted objects.
      if (options.encryption) return false
      const CopySource = `${options.bucket}/${from}`
      try {
        const copied = await client.send(new CopyObjectCommand({ ...at(to), CopySource, CopySourceIfMatch: etag }))
        // Ceph ignores the condition. Where a copy gets another ETag, it counts as wrong.
        return unquoted(copied.CopyObjectResult?.ETag) === unquoted(etag)
      } catch (error) {
        const failure = asS3Error('CopyObject', error)
        if (isMissing(error) || isUnsupported(failure)) return false
        throw failure
      }
    },
    async deletePrefix(prefix) {
      let deleted = 0
      for (;;) {
        const { keys, more } = await list(prefix, batch)
        if (keys.length > 0) await deleteKeys(client, options.bucket, keys)
        deleted += keys.length
        if (!more) return deleted
      }
    },
    async list(prefix, limit, after) {
      const listed: string[] = []
      for (;;) {
        const { keys, more } = await list(prefix, Math.min(batch, limit - listed.length), listed.at(-1) ?? after)
        listed.push(...keys)
        if (!more || listed.length >= limit) return listed
      }
    },
    // Not HeadBucket: its response has no body, so it does not give the reason for a refusal.
    check: async () => void (await list('', 1)),
    close: async () => {
      client.destroy()
      signer.destroy()
    },
  }
}

/** The same bytes, not a copy. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** Ceph quotes the ETag of an object, but not that of a copy. */
function unquoted(etag: string | undefined): string | undefined {
  return etag?.replaceAll('"', '')
}

function encrypted(encryption: S3Encryption | undefined) {
  return encryption && { ServerSideEncryption: encryption.algorithm, SSEKMSKeyId: encryption.keyId }
}

interface Page {
  keys: string[]
  /** There are more keys after these. */
  more: boolean
}

async function listKeys(client: S3Client, bucket: string, prefix: string, limit: number, after?: string): Promise<Page> {
  try {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: limit, StartAfter: after }),
    )
    return { keys: (page.Contents ?? []).map(object => object.Key!), more: page.IsTruncated ?? false }
  } catch (error) {
    throw asS3Error('ListObjectsV2', error)
  }
}

async function deleteKeys(client: S3Client, bucket: string, keys: string[]): Promise<void> {
  try {
    const Delete = { Objects: keys.map(Key => ({ Key })), Quiet: true }
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }))
    if (Errors.length > 0)
      throw Object.assign(new Error(`${Errors.length} objects could not be deleted.`), { code: Errors[0].Code })
  } catch (error) {
    throw asS3Error('DeleteObjects', error)
  }
}
