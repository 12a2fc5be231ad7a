import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** Serves the files of the web page. A route for each file that is there at the start: other paths stay what they are. */
export async function serveWebPage(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, { root: folder, prefix: '/', wildcard: false, decorateReply: false })
}
