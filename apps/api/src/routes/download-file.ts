import { FILES_PATH, type FileStore, ObjectMissingError } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { RangeOutsideError, readRange } from '../range.js'
import type { ApiDependencies } from '../settings.js'

/** GET and HEAD of the embedded store's signed URLs. */
export function downloadFileRoute(app: FastifyInstance, { settings }: ApiDependencies, files: FileStore): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: `${FILES_PATH}*`,
    schema: { hide: true },
    handler: async (request, reply) => {
      const { key, contentType, cacheControl } = files.verify(request.method as 'GET' | 'HEAD', request.raw.url!)
      const info = await files.head(key)
      if (!info) throw new ObjectMissingError('The specified key does not exist.')
      const etag = `"${info.etag}"`
      reply.headers({ 'accept-ranges': 'bytes', 'last-modified': info.modified.toUTCString(), etag })
      if (cacheControl) reply.header('cache-control', cacheControl)
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      reply.headers({ 'content-type': contentType ?? 'application/octet-stream', 'content-length': info.size })
      if (request.method === 'HEAD') return reply.send()
      // Disconnects a client that reads nothing; Node removes the timeout when the response is
      // sent.
      request.raw.socket.setTimeout(settings.uploads.pace.idleMs)
      // The rest of a replaced file would not match what the client has.
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
}
