import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateMultipartUploadCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3'
import { type S3Server, startCeph } from '@obscura/test-servers/ceph'
import { createTopic } from '@obscura/test-servers/ceph-topic'
import { missing } from '@obscura/test-servers/requirement'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createS3Client, openS3Store, type S3Options } from './s3.js'
import { S3Error } from './s3-errors.js'
import { prepareBucket } from './s3-setup.js'
import { storeContract } from './test/store-contract.js'

const KEEP = { expireDays: 0 }

function optionsOf({ endpoint, accessKeyId, secretAccessKey }: S3Server, bucket: string): S3Options {
  const credentials = { accessKeyId, secretAccessKey }
  return { endpoint, publicEndpoint: endpoint, region: 'us-east-1', bucket, credentials, forcePathStyle: true }
}

describe.skipIf(missing('radosgw'))('S3', () => {
  let server: S3Server
  let options: S3Options

  beforeAll(async () => {
    server = await startCeph()
    options = optionsOf(server, 'obscura')
  })

  afterAll(() => server?.stop())

  describe('store', () => {
    storeContract(async () => {
      await prepareBucket(options, KEEP)
      const store = openS3Store(options)
      return { store, close: () => store.close() }
    })
  })

  test('signs for the public endpoint while it talks to the other one', async () => {
    const store = openS3Store({ ...options, publicEndpoint: 'https://files.example.com' })
    await store.put('a/original', Buffer.from('x'), 'image/png')
    expect(await store.presignGet('a/original', 60)).toMatch(/^https:\/\/files\.example\.com\/obscura\/a\/original\?/)
    expect(await store.presignPut('a/original', 60)).toMatch(/X-Amz-SignedHeaders=host&/)
  })

  test('lists and deletes more objects than the server takes at once', async () => {
    const store = openS3Store(options, 4)
    const keys = Array.from({ length: 10 }, (_, i) => `many/${i}`)
    await Promise.all(keys.map(key => store.put(key, Buffer.from('x'), 'image/png')))
    expect(await store.list('many/', 9)).toEqual(keys.slice(0, 9))
    expect(await store.list('many/', 100)).toEqual(keys)
    expect(await store.deletePrefix('many/')).toBe(10)
    expect(await store.list('many/', 10)).toEqual([])
  })

  test('leaves no parts of a body that was interrupted in its second part', async () => {
    const store = openS3Store(options)
    const body = async function* () {
      for (let i = 0; i < 20; i++) yield Buffer.alloc(1024 * 1024)
      throw new Error('The client went away.')
    }
    await expect(store.put('broken/original', Readable.from(body()), 'image/png')).rejects.toThrow('The client went away.')
    const client = createS3Client(options, options.endpoint)
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: 'obscura' }))).Uploads ?? []).toEqual([])
  })

  test('prepares a bucket, also one that exists', async () => {
    const other = { ...options, bucket: 'prepared' }
    expect(await prepareBucket(other, { ...KEEP, expireDays: 30 })).toEqual([
      'Created the bucket prepared.',
      'Signed URLs work in browsers.',
      'Objects expire after 30 days.',
      'Unfinished uploads older than a day: 0 aborted.',
    ])
    expect((await prepareBucket(other, KEEP))[0]).toBe('The bucket prepared exists.')
    const preflight = await fetch(await openS3Store(other).presignPut('a', 60), {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(preflight.status).toBe(200)
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
  })

  test('connects events once, beside other notifications of the bucket, and only to what the server knows', async () => {
    // One after the other: Ceph loses one of two concurrent ones.
    const ours = await createTopic(server, 'ours', 'http://127.0.0.1:1/')
    const others = await createTopic(server, 'others', 'http://127.0.0.1:1/')
    const announced = { ...options, bucket: 'announced' }
    const bucket = { Bucket: 'announced' }
    await prepareBucket(announced, KEEP)
    const client = createS3Client(options, options.endpoint)
    const theirs = { Id: 'backup', TopicArn: others, Events: ['s3:ObjectRemoved:*' as const] }
    const NotificationConfiguration = { TopicConfigurations: [theirs] }
    await client.send(new PutBucketNotificationConfigurationCommand({ ...bucket, NotificationConfiguration }))
    for (let times = 0; times < 2; times++) {
      const done = await prepareBucket(announced, { ...KEEP, eventsTarget: ours })
      expect(done).toContain(`The server reports uploads to ${ours}.`)
    }
    const { TopicConfigurations } = await client.send(new GetBucketNotificationConfigurationCommand(bucket))
    expect(TopicConfigurations?.map(({ Id, TopicArn }) => [Id, TopicArn]).sort()).toEqual([
      ['backup', others],
      ['obscura', ours],
    ])
    const unknown = { ...KEEP, eventsTarget: 'arn:aws:sns:default::unknown' }
    await expect(prepareBucket(announced, unknown)).rejects.toThrow(/S3_EVENTS_TARGET=arn:aws:sns:default::unknown/)
  })

  test('asks for encryption of what it writes, with the key that is named', async () => {
    const store = openS3Store({ ...options, encryption: { algorithm: 'aws:kms', keyId: server.kmsKeyId } })
    const large = Buffer.alloc(9 * 1024 * 1024, 'in parts')
    for (const content of [Buffer.from('small'), large]) {
      await store.put('secret/1', content, 'image/png')
      const client = createS3Client(options, options.endpoint)
      const head = await client.send(new HeadObjectCommand({ Bucket: 'obscura', Key: 'secret/1' }))
      expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: server.kmsKeyId })
      expect(content.equals(await store.get('secret/1', head.ETag))).toBe(true)
    }
    expect(await store.copy('secret/1', 'secret/2', (await store.head('secret/1'))!.etag)).toBe(false)
    const unknown = openS3Store({ ...options, encryption: { algorithm: 'aws:kms', keyId: 'unknown' } })
    await expect(unknown.put('secret/2', Buffer.from('x'), 'image/png')).rejects.toThrow(S3Error)
  })

  test('does not pretend to encrypt where the server does not', async () => {
    const encrypted = { ...options, encryption: { algorithm: 'AES256' as const } }
    await expect(prepareBucket(encrypted, KEEP)).rejects.toThrow(/S3_ENCRYPTION/)
  })

  describe('says what to do when', () => {
    test.each<[string, Partial<S3Options>, string, RegExp]>([
      ['the bucket does not exist', { bucket: 'nowhere' }, 'NoSuchBucket', /obscura setup/],
      [
        'the secret is wrong',
        { credentials: { accessKeyId: 'testaccess', secretAccessKey: 'wrong' } },
        'SignatureDoesNotMatch',
        /S3_SECRET_ACCESS_KEY/,
      ],
      [
        'the key is unknown',
        { credentials: { accessKeyId: 'nobody', secretAccessKey: 'wrong' } },
        'InvalidAccessKeyId',
        /S3_ACCESS_KEY_ID/,
      ],
      ['nothing listens', { endpoint: 'http://127.0.0.1:1' }, 'ECONNREFUSED', /S3_ENDPOINT cannot be reached/],
      ['the host has no address', { endpoint: 'http://s3.invalid' }, 'ENOTFOUND', /S3_ENDPOINT cannot be reached/],
    ])('%s', async (_, change, code, advice) => {
      const error = await openS3Store({ ...options, ...change })
        .check()
        .catch(failure => failure)
      expect(error).toBeInstanceOf(S3Error)
      expect(error.code).toBe(code)
      expect(error.message).toMatch(advice)
    })
  })
})

// On a separate server: with days shortened to a second it aborts every multipart upload that takes
// longer.
test.skipIf(missing('radosgw'))('S3 deletes what has expired, objects and unfinished uploads', async () => {
  const server = await startCeph({ lifecycleDay: 1 })
  try {
    const options = optionsOf(server, 'expiring')
    await prepareBucket(options, { ...KEEP, expireDays: 1 })
    const client = createS3Client(options, options.endpoint)
    const rules = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: 'expiring' }))
    expect(rules.Rules).toHaveLength(1)
    const store = openS3Store(options)
    await store.put('a/original', Buffer.from('x'), 'image/png')
    await client.send(new CreateMultipartUploadCommand({ Bucket: 'expiring', Key: 'b/original' }))
    const left = async () => [
      ...(await store.list('', 10)),
      ...((await client.send(new ListMultipartUploadsCommand({ Bucket: 'expiring' }))).Uploads ?? []),
    ]
    for (let tries = 0; tries < 300 && (await left()).length > 0; tries++) await sleep(200)
    expect(await left()).toEqual([])
  } finally {
    await server.stop()
  }
})
