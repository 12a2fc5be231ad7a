import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  FILES_PATH,
  type FileStore,
  findTask,
  ObjectMissingError,
  ObjectTooLargeError,
  ShortageError,
  SignatureError,
  settleUpload,
  type Task,
  taskOfOriginalKey,
} from '@obscura/shared'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import '../request.js'
import type { ApiDependencies } from '../settings.js'
import { readRange } from './range.js'

/** How long the rest of a refused upload is read: many clients look for an answer only after they have sent everything. */
const DRAIN_MS = 60_000
/** When to try again what found the disk full. */
const RETRY_SECONDS = 60

/** The bytes asked for lie beyond the end of the file. */
class RangeOutsideError extends Error {
  override readonly name = 'RangeOutsideError'
}

/** PUT and GET of the embedded store's signed URLs, which answer as S3 would. No access token: the URL is the permission. */
export function fileRoutes(app: FastifyInstance, dependencies: ApiDependencies, files: FileStore): void {
  const { uploadMaxBytes } = dependencies.settings
  /** Bytes of uploads under way: the disk does not know of them yet. */
  let arriving = 0
  app.removeAllContentTypeParsers()
  // The body stays in the socket until a route reads it.
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.setErrorHandler(answerAsS3)
  app.server.on('checkContinue', (request, response) => {
    // Too large: no "go on", and the client that asked need not send it at all.
    if (!(Number(request.headers['content-length']) > uploadMaxBytes)) {
      response.writeContinue()
      delete request.headers.expect
    }
    app.server.emit('request', request, response)
  })

  app.put(`${FILES_PATH}*`, { schema: { hide: true } }, async (request, reply) => {
    const { key } = files.verify('PUT', request.raw.url!)
    const owner = taskOfOriginalKey(key)
    const task = owner && (await findTask(dependencies.db, owner.customerId, owner.id))
    const etag = task?.status === 'new' ? await receive(request, task, key) : await discard(request)
    return reply.header('etag', `"${etag}"`).send()
  })

  app.route({
    method: ['GET', 'HEAD'],
    url: `${FILES_PATH}*`,
    schema: { hide: true },
    handler: async (request, reply) => {
      const { key, contentType } = files.verify(request.method as 'GET' | 'HEAD', request.raw.url!)
      const info = await files.head(key)
      if (!info) throw new ObjectMissingError('The specified key does not exist.')
      const etag = `"${info.etag}"`
      reply.headers({
        'accept-ranges': 'bytes',
        'last-modified': info.modified.toUTCString(),
        etag,
        'x-content-type-options': 'nosniff',
      })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      reply.headers({ 'content-type': contentType ?? 'application/octet-stream', 'content-length': info.size })
      if (request.method === 'HEAD') return reply.send()
      // The rest of a file that is another one by now would not fit what the client has.
      const range = (request.headers['if-range'] ?? etag) === etag ? readRange(request.headers.range, info.size) : undefined
      if (range === undefined) return reply.send((await files.open(key)).body)
      if (range === 'outside') {
        reply.removeHeader('content-length')
        reply.header('content-range', `bytes */${info.size}`)
        throw new RangeOutsideError()
      }
      const { start, end } = range
      reply.code(206).headers({ 'content-range': `bytes ${start}-${end}/${info.size}`, 'content-length': end - start + 1 })
      return reply.send((await files.open(key, range)).body)
    },
  })

  async function receive(request: FastifyRequest, task: Task, key: string): Promise<string> {
    const size = Number(request.headers['content-length'] ?? uploadMaxBytes)
    if (size > uploadMaxBytes) throw new ObjectTooLargeError('The file is too large.')
    const etag = await store(request, key, size)
    try {
      await settleUpload(dependencies, task)
    } catch (error) {
      // The file is safe; the sweeper does what is left.
      request.log.error({ err: error, taskId: task.id }, 'An upload was stored but not noted.')
    }
    return etag
  }

  async function store(request: FastifyRequest, key: string, size: number): Promise<string> {
    arriving += size
    try {
      await dependencies.disk?.require(arriving)
      return (await files.receive(key, Readable.from(chunksOf(request)), request.declaredType, uploadMaxBytes)).etag
    } finally {
      arriving -= size
    }
  }
}

// A stream of its own, because the request must survive a refusal in the middle: once it is destroyed there is no way left to answer it.
async function* chunksOf({ raw }: FastifyRequest): AsyncGenerator<Buffer> {
  for await (const chunk of raw.iterator({ destroyOnReturn: false })) yield chunk
}

/** Reads a file that is not wanted any more, because its task is under way, ended or gone. @returns what its ETag would have been */
async function discard(request: FastifyRequest): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of request.raw) hash.update(chunk)
  return hash.digest('hex')
}

async function answerAsS3(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { status, code, message } = s3Error(error)
  const clientLeft = request.raw.destroyed && !request.raw.complete
  if (status === 500 && !clientLeft) request.log.error({ err: error }, 'A file request failed unexpectedly.')
  if (request.method === 'PUT') {
    // A client that waits for "100 Continue" sends nothing more.
    if (request.headers.expect === undefined) await drain(request)
    reply.header('connection', 'close')
  }
  if (status === 503) reply.header('retry-after', RETRY_SECONDS)
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${request.id}</RequestId></Error>`
  return reply.code(status).type('application/xml').send(xml)
}

function s3Error(error: unknown) {
  if (error instanceof SignatureError) return { status: 403, code: 'AccessDenied', message: error.message }
  if (error instanceof ObjectMissingError) return { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' }
  if (error instanceof RangeOutsideError)
    return { status: 416, code: 'InvalidRange', message: 'The requested range is not satisfiable' }
  if (error instanceof ObjectTooLargeError) {
    return { status: 413, code: 'EntityTooLarge', message: 'Your proposed upload exceeds the maximum allowed size' }
  }
  // What S3's clients take as a reason to try again later.
  if (error instanceof ShortageError) return { status: 503, code: 'SlowDown', message: error.message }
  return { status: 500, code: 'InternalError', message: 'We encountered an internal error. Please try again.' }
}

async function drain({ raw }: FastifyRequest): Promise<void> {
  if (raw.readableEnded || raw.destroyed) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, DRAIN_MS)
    // Not resume(), which does nothing while the reader we have left still waits for one more chunk.
    raw
      .once('close', resolve)
      .once('end', resolve)
      .on('data', () => undefined)
    raw.once('close', () => clearTimeout(timer))
  })
}
