import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rememberOrigin, requestOrigin } from './origin.js'

const app = fastify({ trustProxy: true })
let port = 0

beforeAll(async () => {
  rememberOrigin(app)
  app.post('/', async () => {
    await new Promise(resolve => setTimeout(resolve, 5))
    return { origin: requestOrigin() }
  })
  await app.listen({ port: 0 })
  port = (app.server.address() as AddressInfo).port
})
afterAll(() => app.close())

/** Sends a body in two parts, so that it has to be waited for. */
async function originFor(host: string, more: Record<string, string> = {}): Promise<string | undefined> {
  const sent = request({ port, method: 'POST', headers: { host, 'content-type': 'application/json', ...more } })
  sent.write('{"a":')
  await new Promise(resolve => setTimeout(resolve, 5))
  sent.end('1}')
  const [response] = await once(sent, 'response')
  return JSON.parse(await text(response)).origin
}

test.each(['photos.example', '192.168.1.20:8080', '[::1]:8080', 'localhost'])(
  'links for a client of %s start there',
  async host => {
    expect(await originFor(host)).toBe(`http://${host}`)
  },
)

test.each(['photos.example/path', 'a b', 'user@host', 'host:port'])('no link starts with %s', async host => {
  expect(await originFor(host)).toBeUndefined()
})

test('a forwarded protocol begins links only if it is http or https', async () => {
  const forwarded = (protocol: string) => originFor('photos.example', { 'x-forwarded-proto': protocol })
  expect(await forwarded('https')).toBe('https://photos.example')
  expect(await forwarded('javascript')).toBeUndefined()
  expect(await forwarded('ht"tp')).toBeUndefined()
})

test('simultaneous requests do not mix', async () => {
  const hosts = Array.from({ length: 20 }, (_, i) => `host-${i}`)
  expect(await Promise.all(hosts.map(host => originFor(host)))).toEqual(hosts.map(host => `http://${host}`))
})

test('outside a request there is no origin', () => expect(requestOrigin()).toBeUndefined())
