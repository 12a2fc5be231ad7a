import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterEach, expect, test, vi } from 'vitest'
import { createPresigner } from './presigner.js'
import { createS3Client } from './s3.js'

afterEach(() => vi.useRealTimers())

test.each([
  ['http://127.0.0.1:9000', 'obscura', true],
  ['https://files.example.com', 'obscura', true],
  ['https://s3.eu-central-1.amazonaws.com', 'obscura', false],
  ['https://s3.eu-central-1.amazonaws.com', 'dotted.obscura', false],
])('URLs below %s for the bucket %s (path style %s) are those of the SDK', async (endpoint, bucket, forcePathStyle) => {
  vi.useFakeTimers({ now: new Date('2026-01-01'), toFake: ['Date'] })
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
  const options = { endpoint, publicEndpoint: endpoint, region: 'eu-central-1', bucket, credentials, forcePathStyle }
  const client = createS3Client(options, endpoint)
  const presign = createPresigner(client, bucket)
  const Key = "a customer/7/it's (ü)+*!.jpg"
  expect(await sorted(presign('PUT', Key, 60, { 'x-id': 'PutObject' }))).toEqual(
    await sorted(getSignedUrl(client, new PutObjectCommand({ Bucket: bucket, Key }), { expiresIn: 60 })),
  )
  // A URL for reading asks for a checksum as well when the whole client signs it, so its signature
  // differs.
  const [ours, theirs] = await Promise.all([
    presign('GET', Key, 60, { 'response-content-type': 'image/png' }),
    getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key, ResponseContentType: 'image/png' }), { expiresIn: 60 }),
  ])
  expect(ours.replace(/\?.*/, '')).toBe(theirs.replace(/\?.*/, ''))
  expect(new URL(ours).searchParams.get('response-content-type')).toBe('image/png')
})

/** A URL with its parameters in order: their order is not signed. */
async function sorted(signing: Promise<string>): Promise<string[]> {
  const [address, query] = (await signing).split('?')
  return [address, ...query.split('&').sort()]
}
