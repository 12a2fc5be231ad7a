import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Folder of the files whose names hold a hash of their contents. */
const HASHED = 'assets'

/**
 * Serves the files of the web page: a route for each file that exists at the start, and whatever
 * lies in the folder of hashed files, which a build of the page replaces while this process runs.
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
  const cachedAs = (cacheControl: string) => (reply: FastifyReply) => {
    reply.header('content-security-policy', policy)
    reply.header('cache-control', cacheControl)
  }
  const common = { decorateReply: false, index: false } as const
  await app.register(fastifyStatic, {
    ...common,
    root: folder,
    prefix: '/',
    index: 'index.html',
    wildcard: false,
    globIgnore: [`${HASHED}/**`],
    setHeaders: cachedAs('no-cache'),
  })
  await app.register(fastifyStatic, {
    ...common,
    root: join(folder, HASHED),
    prefix: `/${HASHED}/`,
    setHeaders: cachedAs('public, max-age=31536000, immutable'),
  })
}
