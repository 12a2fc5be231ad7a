import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** The page loads nothing from other servers and sends nothing to them. */
const POLICY = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'"

/** Serves the files of the web page, with a route for each file that exists at the start. */
export async function serveWebPage(app: FastifyInstance, folder: string): Promise<void> {
  const setHeaders = (reply: FastifyReply) => void reply.header('content-security-policy', POLICY)
  await app.register(fastifyStatic, { root: folder, prefix: '/', wildcard: false, decorateReply: false, setHeaders })
}
