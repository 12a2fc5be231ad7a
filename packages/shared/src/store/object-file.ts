/**
 * One object as one file: a header of fixed length with type and ETag, then the content. A single
 * file, so that content and header always belong to the same upload.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { ShortageError } from '../capacity/reserve.js'
import { type ObjectInfo, ObjectMissingError } from './store.js'

const HEADER_BYTES = 512
const MAX_TYPE_LENGTH = 120

interface Header {
  etag: string
  type?: string
}

/** The body exceeds the limit; nothing was stored. */
export class ObjectTooLargeError extends Error {
  override readonly name = 'ObjectTooLargeError'
}

const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** Content in chunks. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Options for writing an object. */
export interface WriteOptions {
  /** As the uploader declared it. */
  contentType: string | undefined
  /** Maximum size in bytes; unlimited when absent. */
  limit?: number
  /**
   * Calls `move`, which moves the object into place, or does not: then it is dropped.
   * @returns whether it did
   */
  place?: (move: () => Promise<void>) => Promise<boolean>
}

/**
 * Writes `body` to `temporary`, syncs it to disk, and moves it to `file`: readers see the old
 * object or the new one, and a crash leaves no partial file.
 * @throws ObjectTooLargeError beyond `limit` bytes, ShortageError when the disk is full
 */
export async function writeObject(
  file: string,
  temporary: string,
  body: Chunks,
  { contentType, limit = Number.POSITIVE_INFINITY, place }: WriteOptions,
): Promise<ObjectInfo> {
  // A stream may fail before we start to read it; reading it then throws, but an unhandled error
  // event would end the process.
  if (body instanceof Readable) body.on('error', () => undefined)
  try {
    const info = await writeTemporary(temporary, body, contentType, limit)
    const move = () => moveInto(temporary, file)
    if (!place) await move()
    else if (!(await place(move))) await rm(temporary, { force: true })
    return info
  } catch (error) {
    await rm(temporary, { force: true })
    throw FULL.has((error as NodeJS.ErrnoException).code ?? '') ? new ShortageError('The disk is full.', { cause: error }) : error
  }
}

/**
 * Copies the object in `from`, if it has this ETag, by a second name for the same file: objects are
 * replaced, never changed. Where the file system has no links, its content is copied.
 * @returns whether it did
 */
export async function copyObject(from: string, to: string, temporary: string, etag: string): Promise<boolean> {
  try {
    await link(from, temporary).catch((error: NodeJS.ErrnoException) => {
      if (isAbsent(error)) throw error
      return copyFile(from, temporary)
    })
    if ((await readInfo(temporary))?.etag !== etag) return false
    await moveInto(temporary, to)
    return true
  } catch (error) {
    if (isAbsent(error as NodeJS.ErrnoException)) return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Reads the header. @returns undefined when the object does not exist */
export async function readInfo(file: string): Promise<ObjectInfo | undefined> {
  return withFile(file, handle => infoOf(handle))
}

/** Reads the whole object. @returns undefined when it does not exist */
export async function readObject(file: string): Promise<{ info: ObjectInfo; content: Buffer } | undefined> {
  return withFile(file, async handle => {
    const info = await infoOf(handle)
    const content = Buffer.alloc(info.size)
    const { bytesRead } = await handle.read(content, 0, info.size, HEADER_BYTES)
    if (bytesRead < info.size) throw new Error(`${file} became shorter while it was open.`)
    return { info, content }
  })
}

/**
 * The object as a stream, or the range of its bytes from `start` to `end` (inclusive).
 * @throws ObjectMissingError
 */
export async function streamObject(
  file: string,
  range?: { start: number; end: number },
): Promise<{ info: ObjectInfo; body: Readable }> {
  const info = await readInfo(file)
  if (!info) throw new ObjectMissingError('The file does not exist.')
  const { start, end } = range ?? { start: 0, end: info.size - 1 }
  // The end of an empty object is before its start, which createReadStream refuses.
  if (end < start) return { info, body: createReadStream(file, { start: HEADER_BYTES + info.size }) }
  return { info, body: createReadStream(file, { start: HEADER_BYTES + start, end: HEADER_BYTES + end }) }
}

async function writeTemporary(
  temporary: string,
  body: Chunks,
  contentType: string | undefined,
  limit: number,
): Promise<ObjectInfo> {
  const handle = await open(temporary, 'wx', 0o600)
  try {
    const hash = createHash('sha256')
    let size = 0
    // Space for the header, which is only known at the end.
    await handle.writeFile(Buffer.alloc(HEADER_BYTES))
    for await (const chunk of body) {
      size += chunk.length
      if (size > limit) throw new ObjectTooLargeError(`The file is larger than ${limit} bytes.`)
      await handle.writeFile(chunk)
      hash.update(chunk)
    }
    const type = contentType?.replace(/[^\x20-\x7e]/g, '').slice(0, MAX_TYPE_LENGTH)
    const header: Header = { etag: hash.digest('hex'), type }
    await handle.write(Buffer.from(JSON.stringify(header).padEnd(HEADER_BYTES)), 0, HEADER_BYTES, 0)
    await handle.sync()
    return { size, contentType: type, etag: header.etag, modified: (await handle.stat()).mtime }
  } finally {
    await handle.close()
  }
}

async function moveInto(temporary: string, file: string): Promise<void> {
  const folder = dirname(file)
  for (let tries = 1; ; tries++) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    try {
      await rename(temporary, file)
      break
    } catch (error) {
      // The folder may have been removed between the two calls, when its last file was deleted.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 3) throw error
    }
  }
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

async function infoOf(handle: FileHandle): Promise<ObjectInfo> {
  const bytes = Buffer.alloc(HEADER_BYTES)
  await handle.read(bytes, 0, HEADER_BYTES, 0)
  const { etag, type }: Header = JSON.parse(bytes.toString())
  const { size, mtime } = await handle.stat()
  return { size: size - HEADER_BYTES, contentType: type, etag, modified: mtime }
}

function isAbsent(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR'
}

async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (isAbsent(error)) return undefined
    throw error
  })
  if (!handle) return undefined
  return use(handle).finally(() => handle.close())
}
