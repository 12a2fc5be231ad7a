import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Files whose names hold a hash of their contents. */
const HASHED = /[/\\]assets[/\\]/

/**
 * Serves the files of the web page, with a route for each file that exists at the start.
 * @param storeOrigin origin of the S3 server, to which the page uploads and from which it shows
 * images; it loads nothing from any other server
 */
export async function serveWebPage(app: FastifyInstance, folder: string, storeOrigin = ''): Promise<void> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: data: ${storeOrigin}`.trim(),
    `connect-src 'self' blob: ${storeOrigin}`.trim(),
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
  const setHeaders = (reply: FastifyReply, file: string) => {
    reply.header('content-security-policy', policy)
    reply.header('cache-control', HASHED.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache')
  }
  await app.register(fastifyStatic, { root: folder, prefix: '/', wildcard: false, decorateReply: false, setHeaders })
}
