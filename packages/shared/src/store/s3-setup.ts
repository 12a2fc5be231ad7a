/** Prepares the bucket, so that operators need no manual steps. */
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  type NotificationConfiguration,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { createS3Client, type S3Encryption, type S3Options } from './s3.js'
import { asS3Error, isUnsupported } from './s3-errors.js'

/** How a bucket is prepared. */
export interface BucketSettings {
  /**
   * Days after which the server itself deletes objects: a safety net behind the service's own
   * retention; 0: never.
   */
  expireDays: number
  /** ARN of the notification target for uploads, or `eventbridge`. */
  eventsTarget?: string
}

/** Name of our entry among the notifications of a bucket. */
const EVENTS_ID = 'obscura'
const DAY_MS = 86_400_000

/**
 * Creates the bucket if it does not exist, lets browsers use its signed URLs, sets expiry and
 * encryption, and aborts multipart uploads that are older than a day. Can be repeated at any time.
 * @returns a sentence on each step done, or not supported by this server; creation, encryption and
 * events are required
 * @throws S3Error
 */
export async function prepareBucket(options: S3Options, settings: BucketSettings): Promise<string[]> {
  const client = createS3Client(options, options.endpoint)
  const bucket = { Bucket: options.bucket }
  const { expireDays, eventsTarget } = settings
  try {
    return [
      await createBucket(client, options),
      ...(options.encryption ? [await encrypt(client, options.bucket, options.encryption)] : []),
      await optional('Signed URLs work in browsers', 'CORS rules; it may allow all origins by itself', 'PutBucketCors', () =>
        client.send(new PutBucketCorsCommand({ ...bucket, CORSConfiguration: { CORSRules: [CORS] } })),
      ),
      await optional(
        `Objects expire ${expireDays ? `after ${expireDays} days` : 'never'}`,
        'lifecycle rules',
        'PutBucketLifecycle',
        () =>
          client.send(
            new PutBucketLifecycleConfigurationCommand({ ...bucket, LifecycleConfiguration: { Rules: [lifecycle(expireDays)] } }),
          ),
      ),
      ...(eventsTarget === undefined ? [] : [await connectEvents(client, options.bucket, eventsTarget)]),
      await abortStaleUploads(client, options.bucket, new Date(Date.now() - DAY_MS)),
    ]
  } finally {
    client.destroy()
  }
}

const CORS = {
  AllowedOrigins: ['*'],
  AllowedMethods: ['GET', 'HEAD', 'PUT'],
  AllowedHeaders: ['*'],
  ExposeHeaders: ['ETag'],
  MaxAgeSeconds: 3600,
}

function lifecycle(expireDays: number) {
  return {
    ID: 'obscura',
    Status: 'Enabled' as const,
    Filter: { Prefix: '' },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    ...(expireDays > 0 && { Expiration: { Days: expireDays } }),
  }
}

async function createBucket(client: S3Client, { bucket, region }: S3Options): Promise<string> {
  const exists = await client.send(new HeadBucketCommand({ Bucket: bucket })).then(
    () => true,
    () => false,
  )
  if (exists) return `The bucket ${bucket} exists.`
  // AWS refuses us-east-1 as a constraint, but requires every other region.
  const configuration = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } }
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket, ...configuration }))
  } catch (error) {
    // Another process may have created it.
    if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw asS3Error('CreateBucket', error)
  }
  return `Created the bucket ${bucket}.`
}

// As the default of the bucket, so that uploads through signed URLs are encrypted too: their
// clients do not send the header.
async function encrypt(client: S3Client, bucket: string, { algorithm, keyId }: S3Encryption): Promise<string> {
  const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId } }
  try {
    await client.send(new PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }))
  } catch (error) {
    throw new Error(`The server does not accept S3_ENCRYPTION=${algorithm} as the default of the bucket.`, {
      cause: asS3Error('PutBucketEncryption', error),
    })
  }
  return `The server encrypts objects (${algorithm}).`
}

// Keeps other notifications of the bucket: a configuration can only be replaced as a whole.
async function connectEvents(client: S3Client, bucket: string, target: string): Promise<string> {
  try {
    const { $metadata, ...others } = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }))
    const NotificationConfiguration = withTarget(others, target)
    await client.send(new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration }))
  } catch (error) {
    const cause = asS3Error('PutBucketNotificationConfiguration', error)
    throw new Error(
      `The server does not accept S3_EVENTS_TARGET=${target}. Check that this target exists. ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
  return `The server reports uploads to ${target}.`
}

function withTarget(others: NotificationConfiguration, target: string): NotificationConfiguration {
  if (target === 'eventbridge') return { ...others, EventBridgeConfiguration: {} }
  const ours = { Id: EVENTS_ID, Events: ['s3:ObjectCreated:*' as const] }
  const besides = <T extends { Id?: string }>(list: T[] | undefined) => list?.filter(({ Id }) => Id !== EVENTS_ID) ?? []
  // MinIO treats webhooks as queues, Ceph and AWS use topics.
  return target.includes(':sns:')
    ? { ...others, TopicConfigurations: [...besides(others.TopicConfigurations), { ...ours, TopicArn: target }] }
    : { ...others, QueueConfigurations: [...besides(others.QueueConfigurations), { ...ours, QueueArn: target }] }
}

async function abortStaleUploads(client: S3Client, bucket: string, before: Date): Promise<string> {
  try {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    const stale = Uploads.filter(upload => upload.Initiated && upload.Initiated < before)
    for (const { Key, UploadId } of stale) await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
    return `Unfinished uploads older than a day: ${stale.length} aborted.`
  } catch (error) {
    throw asS3Error('AbortMultipartUpload', error)
  }
}

async function optional(done: string, offer: string, request: string, send: () => Promise<unknown>): Promise<string> {
  try {
    await send()
    return `${done}.`
  } catch (error) {
    const failure = asS3Error(request, error)
    if (!isUnsupported(failure)) throw failure
    return `This server does not offer ${offer}.`
  }
}
