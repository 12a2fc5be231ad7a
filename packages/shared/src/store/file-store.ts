/** The embedded store: files in a folder, and signed URLs that the API serves. */
import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Chunks, copyObject, readInfo, readObject, streamObject, type WriteOptions, writeObject } from './object-file.js'
import { type SignedRequest, signPath, verifyPath } from './signed-urls.js'
import { type ObjectInfo, ObjectMissingError, type ObjectStore } from './store.js'

/** The embedded store: files in a folder, served by the API. */
export interface FileStore extends ObjectStore {
  /**
   * Checks a request to a signed URL; `path` is the path and query of the request line.
   * @throws SignatureError
   */
  verify(method: 'PUT' | 'GET' | 'HEAD', path: string): SignedRequest
  /** Writes an upload completely or not at all. @throws ObjectTooLargeError or ShortageError */
  receive(key: string, body: Chunks, options: WriteOptions): Promise<ObjectInfo>
  /**
   * Opens an object for sending; `start` and `end` (inclusive) select a range of bytes.
   * @throws ObjectMissingError
   */
  open(key: string, range?: { start: number; end: number }): Promise<{ info: ObjectInfo; body: Readable }>
}

// Older temporary files are abandoned: no upload takes this long.
const LEFTOVER_MS = 60 * 60_000

/**
 * Opens the store in `folder`: objects/ by key, temporary/ for what is being written, secret for
 * the signatures. `publicUrl` returns the address of the API for clients when a URL is signed.
 */
export async function openFileStore(folder: string, publicUrl: () => string): Promise<FileStore> {
  const objects = join(folder, 'objects')
  const temporary = join(folder, 'temporary')
  for (const part of [objects, temporary]) await mkdir(part, { recursive: true, mode: 0o700 })
  const secret = await openSecret(join(folder, 'secret'))
  await removeLeftovers(temporary)
  const cleaning = setInterval(() => void removeLeftovers(temporary).catch(() => undefined), LEFTOVER_MS)
  cleaning.unref()

  const file = (key: string) => join(objects, checkedKey(key))
  const sign = (method: 'PUT' | 'GET', request: SignedRequest, seconds: number) =>
    publicUrl() + signPath(secret, method, { ...request, key: checkedKey(request.key) }, Math.ceil(Date.now() / 1000) + seconds)
  const write = async (key: string, body: Uint8Array | Chunks, options: WriteOptions) =>
    writeObject(file(key), join(temporary, randomUUID()), body instanceof Uint8Array ? [body] : body, options)

  return {
    presignPut: async (key, seconds) => sign('PUT', { key }, seconds),
    presignGet: async (key, seconds, contentType, cacheControl) => sign('GET', { key, contentType, cacheControl }, seconds),
    verify: (method, path) => {
      const request = verifyPath(secret, method, path)
      return { ...request, key: checkedKey(request.key) }
    },
    head: async key => readInfo(file(key)),
    async get(key, etag) {
      const object = await readObject(file(key))
      if (!object) throw new ObjectMissingError(`There is no object ${key}.`)
      if (etag !== undefined && object.info.etag !== etag) throw new ObjectMissingError(`The object ${key} was replaced.`)
      return object.content
    },
    put: (key, body, contentType) => write(key, body, { contentType }),
    receive: write,
    copy: (from, to, etag) => copyObject(file(from), file(to), join(temporary, randomUUID()), etag),
    open: async (key, range) => streamObject(file(key), range),
    async deletePrefix(prefix) {
      let deleted = 0
      for await (const key of keys(objects, checkedPrefix(prefix))) {
        await rm(file(key), { force: true })
        await removeEmptyFolders(objects, dirname(file(key)))
        deleted++
      }
      return deleted
    },
    async list(prefix, limit, after = '') {
      const listed: string[] = []
      for await (const key of keys(objects, checkedPrefix(prefix), after)) {
        if (listed.length === limit) break
        listed.push(key)
      }
      return listed
    },
    async check() {
      const probe = join(temporary, randomUUID())
      await writeFile(probe, 'probe')
      await rm(probe)
    },
    close: async () => clearInterval(cleaning),
  }
}

// Keys become paths: letters, digits, dashes, dots and underscores between single slashes, and no
// name that is only dots.
function checkedKey(key: string): string {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(key))
    throw new RangeError(`"${key}" is not a valid key.`)
  return key
}

function checkedPrefix(prefix: string): string {
  checkedKey(`${prefix}x`)
  return prefix
}

// Written to a temporary file and linked, so that of processes that start together one wins and
// none reads a partial secret.
async function openSecret(file: string): Promise<Buffer> {
  if (await exists(file)) return readFile(file)
  const aside = `${file}.${randomUUID()}`
  try {
    await writeFile(aside, randomBytes(32), { mode: 0o600 })
    await link(aside, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(aside, { force: true })
  }
  return readFile(file)
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )

async function removeLeftovers(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const file = join(temporary, name)
    const info = await stat(file).catch(() => undefined)
    if (info && Date.now() - info.mtimeMs > LEFTOVER_MS) await rm(file, { force: true })
  }
}

async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let empty = folder; empty !== root; empty = dirname(empty)) {
    try {
      await rmdir(empty)
    } catch {
      return
    }
  }
}

// In byte order of the keys, as in S3: the name of a folder is compared with its trailing slash.
async function* keys(
  root: string,
  prefix: string,
  after = '',
  folder = prefix.slice(0, prefix.lastIndexOf('/') + 1),
): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
  const found = entries.map(entry => folder + entry.name + (entry.isDirectory() ? '/' : '')).sort()
  for (const key of found) {
    if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue
    if (key.endsWith('/')) {
      if (key > after || after.startsWith(key)) yield* keys(root, prefix, after, key)
    } else if (key > after) yield key
  }
}
