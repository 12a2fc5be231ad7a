import { createHash } from 'node:crypto'
import {
  FILES_PATH,
  type FileStore,
  findTask,
  ObjectTooLargeError,
  placeUpload,
  reconcileUpload,
  type Task,
  taskOfUploadKey,
} from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readChunks } from '../request-body.js'
import type { ApiDependencies } from '../settings.js'
import { createDiskSpace } from '../uploads/disk-space.js'
import { createNewestUploads } from '../uploads/newest-uploads.js'
import { createUploadSlots } from '../uploads/upload-slots.js'

/** An upload in progress: its request, its destination, and the signal that ends it early. */
interface Upload {
  request: FastifyRequest
  key: string
  task: Task | undefined
  /** Declared size in bytes, or the maximum. */
  size: number
  ending: AbortController
  /** To be called when all of it has arrived: from then on a newer upload does not end it. */
  arrived: () => void
}

/** PUT of the embedded store's signed URLs. */
export function uploadFileRoute(app: FastifyInstance, dependencies: ApiDependencies, files: FileStore): void {
  const { db, disk, settings } = dependencies
  const { uploadMaxBytes, uploads } = settings
  const inPlace = createUploadSlots(uploads.perCustomer, uploads.waitingPerCustomer)
  const enter = createNewestUploads()
  const enterRoom = createDiskSpace(disk)

  app.put(`${FILES_PATH}*`, { schema: { hide: true } }, async (request, reply) => {
    const { key } = files.verify('PUT', request.raw.url!)
    const size = Number(request.headers['content-length'] ?? uploadMaxBytes)
    if (size > uploadMaxBytes) throw new ObjectTooLargeError('The file is too large.')
    const owner = taskOfUploadKey(key)
    const task = owner && (await findTask(db, owner.customerId, owner.id))
    const ending = new AbortController()
    reply.raw.once('close', () => ending.abort(new Error('The client disconnected.')))
    const arrived = enter(key, ending)
    try {
      const upload = { request, key, task, size, ending, arrived }
      const etag = await inPlace(owner?.customerId ?? '', ending.signal, () => receive(upload))
      return reply.header('etag', `"${etag}"`).send()
    } finally {
      arrived()
    }
  })

  /** @returns the file's ETag */
  async function receive(upload: Upload): Promise<string> {
    const { request, task, ending } = upload
    if (task?.status !== 'new') return hashOf(readChunks(request.raw, uploads.pace, ending.signal), uploadMaxBytes)
    const etag = await store(upload, task)
    try {
      await reconcileUpload(dependencies, task)
    } catch (error) {
      // The file is stored; the sweeper does the rest.
      request.log.error({ err: error, taskId: task.id }, 'An upload was stored but could not be recorded.')
    }
    return etag
  }

  async function store({ request, key, size, ending, arrived }: Upload, task: Task): Promise<string> {
    const room = enterRoom(reason => ending.abort(reason))
    async function* chunks() {
      for await (const chunk of readChunks(request.raw, uploads.pace, ending.signal)) {
        await room.need(chunk.length)
        yield chunk
      }
      arrived()
    }
    try {
      // An upload that does not fit is refused before it is sent.
      await disk?.require(size)
      const info = await files.receive(key, chunks(), {
        contentType: request.declaredType,
        limit: uploadMaxBytes,
        // A slow upload that started earlier must not replace the file of a task that is in
        // progress by now.
        place: move => placeUpload(db, task.id, move),
      })
      return info.etag
    } finally {
      room.leave()
    }
  }
}

/**
 * Reads a file that is not wanted any more, because its task is in progress, ended or gone.
 * @returns what its ETag would have been
 */
async function hashOf(chunks: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > limit) throw new ObjectTooLargeError('The file is too large.')
    hash.update(chunk)
  }
  return hash.digest('hex')
}
