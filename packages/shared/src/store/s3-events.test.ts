import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readS3Events, S3EventError } from './s3-events.js'

const KEY = '2f1b9c5e-8f0a-4c39-9a51-2a9f6c1d7e10/1690264444814157/original'
const PLACE = { bucket: 'obscura', key: KEY }

/**
 * The relevant parts of what servers send, from their documentation and sources; Ceph itself is
 * tested in the API's test.
 */
const FORMS: Record<string, Record<string, unknown>> = {
  MinIO: {
    EventName: 's3:ObjectCreated:Put',
    Key: `obscura/${KEY}`,
    Records: [
      {
        eventVersion: '2.0',
        eventSource: 'minio:s3',
        eventName: 's3:ObjectCreated:Put',
        s3: { bucket: { name: 'obscura' }, object: { key: encodeURIComponent(KEY), size: 5, eTag: 'abc' } },
      },
    ],
  },
  'AWS S3': {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:CompleteMultipartUpload',
        s3: { s3SchemaVersion: '1.0', bucket: { name: 'obscura', arn: 'arn:aws:s3:::obscura' }, object: { key: KEY } },
      },
    ],
  },
  'Ceph RGW': {
    Records: [
      {
        eventVersion: '2.2',
        eventSource: 'ceph:s3',
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: 'obscura' }, object: { key: KEY } },
        eventId: '1',
        opaqueData: '',
      },
    ],
  },
  EventBridge: {
    version: '0',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    detail: { bucket: { name: 'obscura' }, object: { key: KEY, size: 5 }, reason: 'PutObject' },
  },
}

test.each(Object.entries(FORMS))('an event of %s names bucket and key', (_, body) => {
  expect(readS3Events(body)).toEqual([PLACE])
})

test('a batch holds many, of which only arrivals count', () => {
  const [{ s3 }] = FORMS['AWS S3'].Records as { s3: object }[]
  const record = (eventName: string) => ({ eventName, s3 })
  const Records = ['ObjectCreated:Put', 'ObjectRemoved:Delete', 's3:ObjectCreated:Copy', 's3:ObjectAccessed:Get'].map(record)
  expect(readS3Events({ Records })).toEqual([PLACE, PLACE])
})

test.each([{ Event: 's3:TestEvent', Service: 'Amazon S3' }, { 'detail-type': 'Object Deleted', detail: {} }, { Records: [] }])(
  '%j announces nothing',
  body => expect(readS3Events(body)).toEqual([]),
)

describe('keys', () => {
  const read = (key: string) =>
    readS3Events({ Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'b' }, object: { key } } }] })[0].key

  test('are read as forms encode them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), key => {
        expect(read(new URLSearchParams({ key }).toString().slice('key='.length))).toBe(key)
        expect(read(encodeURIComponent(key))).toBe(key)
      }),
    )
  })

  test.each(['%', '%zz', '%ff', `${KEY}%`])('with invalid encoding, such as %s, are unchanged', key => {
    expect(read(key)).toBe(key)
  })
})

test('whatever else is sent is refused, and nothing worse', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('Records', 's3', 'Event', 'detail', 'detail-type'), fc.anything()), body => {
      try {
        expect(readS3Events(body)).toEqual([])
      } catch (error) {
        expect(error).toBeInstanceOf(S3EventError)
      }
    }),
  )
})
