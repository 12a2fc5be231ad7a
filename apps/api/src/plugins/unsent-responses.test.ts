import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import fastify from 'fastify'
import { expect, it } from 'vitest'
import { handleErrors } from './errors.js'
import { boundUnsentResponses } from './unsent-responses.js'

const MIB = 1024 ** 2

/** A server of large responses, for clients of one network. */
async function serve(idleMs: number) {
  const app = fastify()
  boundUnsentResponses(app, idleMs)
  handleErrors(app, '')
  app.get('/40-mib', async (_request, reply) => reply.type('image/png').send(Buffer.alloc(40 * MIB)))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  /** A client that takes nothing, and the server's end of its connection. */
  const ignore = async (): Promise<{ client: Socket; served: Socket }> => {
    const connected = once(app.server, 'connection')
    const asked = once(app.server, 'request')
    const client = connect(port, '127.0.0.1').on('error', () => undefined)
    client.pause().write('GET /40-mib HTTP/1.1\r\nHost: x\r\n\r\n')
    await asked
    return { client, served: (await connected)[0] as Socket }
  }
  const status = async () => {
    const response = await fetch(`${url}/40-mib`)
    await response.arrayBuffer()
    return response.status
  }
  return { app, ignore, status }
}

it('a client that takes nothing of its response loses its connection', async () => {
  const { app, ignore } = await serve(1000)
  const { client, served } = await ignore()
  if (!served.destroyed) await once(served, 'close')
  client.destroy()
  await app.close()
})

it('responses that nobody takes leave room for others, and their own network is told to come back', async () => {
  const { app, ignore, status } = await serve(600_000)
  const { client } = await ignore()
  await expect.poll(status).toBe(503)
  client.destroy()
  await expect.poll(status).toBe(200)
  await app.close()
})
