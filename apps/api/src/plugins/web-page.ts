import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** The page brings all that it needs, and talks to nobody else. */
const POLICY = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'"

/** Serves the files of the web page. A route for each file that is there at the start: other paths stay what they are. */
export async function serveWebPage(app: FastifyInstance, folder: string): Promise<void> {
  const setHeaders = (reply: FastifyReply) => void reply.header('content-security-policy', POLICY)
  await app.register(fastifyStatic, { root: folder, prefix: '/', wildcard: false, decorateReply: false, setHeaders })
}
