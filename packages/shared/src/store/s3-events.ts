/** What S3 servers send to a webhook when objects arrive. */

/** The location of a new object. */
export interface ArrivedObject {
  bucket: string
  key: string
}

/** The body is not an event of an S3 server. */
export class S3EventError extends Error {
  override readonly name = 'S3EventError'
}

/**
 * Reads the body of an event: records of AWS S3, which MinIO and Ceph send too, or one event of
 * Amazon EventBridge. Only events about new objects are returned.
 * @throws S3EventError
 */
export function readS3Events(body: Record<string, unknown>): ArrivedObject[] {
  if (body.Event === 's3:TestEvent') return []
  if (body['detail-type'] !== undefined) return body['detail-type'] === 'Object Created' ? [arrived(body.detail)] : []
  if (!Array.isArray(body.Records)) throw new S3EventError('Expected a list "Records".')
  // MinIO and old Ceph send s3:ObjectCreated:Put, AWS and new Ceph ObjectCreated:Put.
  return body.Records.filter(record => /^(s3:)?ObjectCreated:/.test(text(member(record, 'eventName')))).map(record =>
    arrived(member(record, 's3')),
  )
}

function arrived(place: unknown): ArrivedObject {
  return {
    bucket: text(member(member(place, 'bucket'), 'name')),
    key: decoded(text(member(member(place, 'object'), 'key'))),
  }
}

// MinIO and AWS form-encode keys, Ceph and EventBridge do not. Decoding does not change our own
// keys.
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) throw new S3EventError(`Expected an object containing "${name}".`)
  return (value as Record<string, unknown>)[name]
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new S3EventError('Expected a name that is a string.')
  return value
}
