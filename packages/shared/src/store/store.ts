import type { Readable } from 'node:stream'

/** Information about an object. */
export interface ObjectInfo {
  /** Bytes. */
  size: number
  /** As the uploader declared it; absent when nothing was declared. */
  contentType?: string
  /** Changes whenever the content does. */
  etag: string
  modified: Date
}

/** The object does not exist or no longer has the given ETag. */
export class ObjectMissingError extends Error {
  override readonly name = 'ObjectMissingError'
}

/**
 * Files by key. Keys consist of [A-Za-z0-9._/-] and are never chosen by users. Two adapters: a
 * folder, whose signed URLs the API serves, and S3.
 */
export interface ObjectStore {
  /**
   * An absolute URL that accepts one PUT of any content type without further headers, for
   * `seconds`.
   */
  presignPut(key: string, seconds: number): Promise<string>
  /**
   * An absolute URL that answers GET without further headers, for `seconds`; `contentType` is that
   * of the response, `cacheControl` its Cache-Control.
   */
  presignGet(key: string, seconds: number, contentType?: string, cacheControl?: string): Promise<string>
  /** @returns undefined when the object does not exist. */
  head(key: string): Promise<ObjectInfo | undefined>
  /** Reads the whole object; with `etag` only if it still matches. @throws ObjectMissingError */
  get(key: string, etag?: string): Promise<Buffer>
  /** Writes the object completely or not at all. */
  put(key: string, body: Uint8Array | Readable, contentType: string): Promise<ObjectInfo>
  /**
   * Copies an object that still has this ETag, without reading it.
   * @returns false when it was replaced or is gone, or the server cannot tell: then `to` may hold
   * anything, and has to be written
   */
  copy(from: string, to: string, etag: string): Promise<boolean>
  /** Deletes every object whose key starts with `prefix`. @returns how many */
  deletePrefix(prefix: string): Promise<number>
  /** Keys that start with `prefix`, in order, at most `limit`, after the key `after`. */
  list(prefix: string, limit: number, after?: string): Promise<string[]>
  /** Checks that the store can be used now. @throws when it cannot, with advice */
  check(): Promise<void>
  close(): Promise<void>
}
