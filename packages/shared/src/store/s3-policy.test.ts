/**
 * The key that docker-compose.yml gives to API and workers: its policy allows exactly what they
 * need.
 */
import { readFile } from 'node:fs/promises'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { type S3Server, startCeph } from '@obscura/test-servers/ceph'
import { missing } from '@obscura/test-servers/requirement'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createS3Client, openS3Store, type S3Options } from './s3.js'
import { prepareBucket } from './s3-setup.js'
import type { ObjectStore } from './store.js'

const POLICY = new URL('../../../../docker/s3/policy.json', import.meta.url)

describe.skipIf(missing('radosgw'))('the key of API and workers', () => {
  let server: S3Server
  let store: ObjectStore
  let narrow: S3Client

  beforeAll(async () => {
    server = await startCeph()
    const { endpoint, accessKeyId, secretAccessKey } = server
    const options: S3Options = {
      endpoint,
      publicEndpoint: endpoint,
      region: 'us-east-1',
      bucket: 'obscura',
      forcePathStyle: true,
    }
    const root = { ...options, credentials: { accessKeyId, secretAccessKey } }
    await prepareBucket(root, { expireDays: 0 })
    await prepareBucket({ ...root, bucket: 'other' }, { expireDays: 0 })
    const owner = createS3Client(root, endpoint)
    await owner.send(new PutObjectCommand({ Bucket: 'other', Key: 'secret', Body: 'secret' }))
    const policy = JSON.parse(await readFile(POLICY, 'utf8'))
    // For bulk deletes Ceph 16 also requires the permission to delete on the bucket itself.
    const forCeph = { Effect: 'Allow', Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::obscura' }
    // It uses bucket policies, which name a principal; MinIO attaches the same statements to the
    // user.
    const Statement = [...policy.Statement, forCeph].map(statement => ({
      ...statement,
      Principal: { AWS: ['arn:aws:iam:::user/narrow'] },
    }))
    await owner.send(new PutBucketPolicyCommand({ Bucket: 'obscura', Policy: JSON.stringify({ ...policy, Statement }) }))
    owner.destroy()
    const scoped = { ...options, credentials: server.narrow }
    store = openS3Store(scoped, 2)
    narrow = createS3Client(scoped, endpoint)
  })
  afterAll(async () => {
    await store?.close()
    narrow?.destroy()
    await server?.stop()
  })

  test('is enough for all that the store does', async () => {
    await store.check()
    expect((await fetch(await store.presignPut('a/1/original', 60), { method: 'PUT', body: 'photo' })).status).toBe(200)
    expect(await store.head('a/1/original')).toMatchObject({ size: 5 })
    expect(await store.head('a/1/missing')).toBeUndefined()
    expect((await store.get('a/1/original')).toString()).toBe('photo')
    await store.put('a/1/1/small', Buffer.from('small'), 'image/png')
    await store.put('a/1/1/large', Buffer.alloc(9 * 1024 * 1024), 'image/png')
    expect(await (await fetch(await store.presignGet('a/1/1/small', 60))).text()).toBe('small')
    const { etag } = (await store.head('a/1/original'))!
    expect(await store.copy('a/1/original', 'a/1/1/original', etag)).toBe(true)
    expect(await store.list('a/', 10)).toHaveLength(4)
    expect(await store.deletePrefix('a/')).toBe(4)
  })

  test.each<[string, () => Promise<unknown>]>([
    ['read another bucket', () => narrow.send(new GetObjectCommand({ Bucket: 'other', Key: 'secret' }))],
    ['list another bucket', () => narrow.send(new ListObjectsV2Command({ Bucket: 'other' }))],
    ['write to another bucket', () => narrow.send(new PutObjectCommand({ Bucket: 'other', Key: 'x', Body: 'x' }))],
    ['delete its bucket', () => narrow.send(new DeleteBucketCommand({ Bucket: 'obscura' }))],
    [
      'change the expiry of its bucket',
      () => narrow.send(new PutBucketLifecycleConfigurationCommand({ Bucket: 'obscura', LifecycleConfiguration: { Rules: [] } })),
    ],
    [
      'open its bucket to browsers',
      () => narrow.send(new PutBucketCorsCommand({ Bucket: 'obscura', CORSConfiguration: { CORSRules: [] } })),
    ],
    [
      'grant its rights to others',
      () => narrow.send(new PutBucketPolicyCommand({ Bucket: 'obscura', Policy: '{"Version":"2012-10-17","Statement":[]}' })),
    ],
  ])('may not %s', async (_, request) => {
    await expect(request()).rejects.toThrow(/AccessDenied|Access Denied|UnknownError|MalformedXML/)
  })

  test('sees no other bucket', async () => {
    const { Buckets = [] } = await narrow.send(new ListBucketsCommand({}))
    expect(Buckets).toEqual([])
    await expect(narrow.send(new CreateBucketCommand({ Bucket: 'other' }))).rejects.toThrow()
  })
})
