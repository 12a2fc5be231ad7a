import type { Readable } from 'node:stream'

/** What the store knows of an object without reading it. */
export interface ObjectInfo {
  /** Bytes. */
  size: number
  /** As the uploader declared it; absent when nothing was declared. */
  contentType?: string
  /** Changes whenever the content does. */
  etag: string
  modified: Date
}

/** The object asked for is not there, or no longer the one with the given ETag. */
export class ObjectMissingError extends Error {
  override readonly name = 'ObjectMissingError'
}

/**
 * Files by key. Keys are made of [A-Za-z0-9._/-] only and never chosen by a user. Two adapters: a folder, whose signed URLs the API itself
 * serves, and S3.
 */
export interface ObjectStore {
  /** An absolute URL that accepts one PUT of any content type without further headers, for `seconds`. */
  presignPut(key: string, seconds: number): Promise<string>
  /** An absolute URL that answers GET without further headers, for `seconds`; `contentType` is what the answer declares. */
  presignGet(key: string, seconds: number, contentType?: string): Promise<string>
  /** @returns undefined when there is no such object. */
  head(key: string): Promise<ObjectInfo | undefined>
  /** The whole object; with `etag` only if it is still that one. @throws ObjectMissingError */
  get(key: string, etag?: string): Promise<Buffer>
  /** Writes the object as a whole or not at all. */
  put(key: string, body: Uint8Array | Readable, contentType: string): Promise<ObjectInfo>
  /** Deletes every object whose key starts with `prefix`; nothing to delete is no error. @returns how many there were */
  deletePrefix(prefix: string): Promise<number>
  /** Keys that start with `prefix`, in order, at most `limit`, after the key `after`. */
  list(prefix: string, limit: number, after?: string): Promise<string[]>
  /** Proves that the store can be used now. @throws when it cannot, with what to do */
  check(): Promise<void>
  close(): Promise<void>
}
