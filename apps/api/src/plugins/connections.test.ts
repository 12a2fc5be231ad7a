import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Part, talk } from '../test/raw-client.js'
import { type Service, startService } from '../test/service.js'

let service: Service
let token: string

beforeAll(async () => {
  service = await startService()
  token = (await service.newUser()).token
})
afterAll(() => service.close())

const request = (line: string, ...headers: string[]) => [line, 'Host: x', ...headers, '', ''].join('\r\n')
const answerTo = (...parts: (string | Part)[]) =>
  talk(
    service.url,
    parts.map(part => (typeof part === 'string' ? { send: part } : part)),
  )

describe('invalid HTTP gets a clear response', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['a request without a host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [
      'a length and chunks in one',
      `${request('POST /v2/signin HTTP/1.1', 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
      400,
    ],
    [
      'chunks that are not the last coding',
      `${request('POST /v2/signin HTTP/1.1', 'Transfer-Encoding: chunked, identity')}0\r\n\r\n`,
      400,
    ],
    ['two lengths', `${request('POST /v2/signin HTTP/1.1', 'Content-Length: 4', 'Content-Length: 5')}{}  `, 400],
    ['a length that is not a number', `${request('POST /v2/signin HTTP/1.1', 'Content-Length: +4')}{}  `, 400],
    ['a space before a header’s colon', `${request('POST /v2/signin HTTP/1.1', 'Content-Length : 4')}{}  `, 400],
    ['a header that goes on in a second line', request('GET /health HTTP/1.1', 'X: a\r\n b', 'Connection: close'), 400],
    ['a bare line feed in a header', request('GET /health HTTP/1.1', 'X: a\nTransfer-Encoding: chunked'), 400],
    ['headers of 20,000 bytes', request('GET /health HTTP/1.1', `X: ${'a'.repeat(20_000)}`), 431],
    [
      '101 headers',
      request('GET /health HTTP/1.1', 'Connection: close', ...Array.from({ length: 100 }, (_, i) => `X-${i}: a`)),
      431,
    ],
    [
      '3,000 headers, the last of which counts',
      request('GET /health HTTP/1.1', ...Array.from({ length: 3000 }, () => 'a:'), 'Connection: close'),
      431,
    ],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', 404],
    ['TRACE', request('TRACE /v2/task HTTP/1.1', 'Connection: close'), 404],
    ['a method that nobody knows', request('BREW /v2/task HTTP/1.1', 'Connection: close'), 400],
  ])('%s', async (_what, bytes, status) => {
    const response = await answerTo(bytes)
    expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(response).toMatch(/\{"message":"[^"]+"\}$/)
    // Smuggled bytes are not answered as a separate request.
    expect(response.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })

  it('HEAD has the headers of GET', async () => {
    const response = await answerTo(request('HEAD /health HTTP/1.1', 'Connection: close'))
    expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(response).toMatch(/\r\n\r\n$/)
  })
})

describe('requests that do not wait for the responses to those before', () => {
  const health = request('GET /health HTTP/1.1')
  const last = request('GET /health HTTP/1.1', 'Connection: close')

  it('are answered one after the other, when they are few', async () => {
    expect((await answerTo(health.repeat(15) + last)).match(/HTTP\/1\.1 200 /g)).toHaveLength(16)
  })

  it('end their connection when they are many, whatever else was sent on it', async () => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1').on('error', () => undefined)
    let received = ''
    socket.on('data', data => {
      received += data
    })
    socket.write(health.repeat(3000) + last)
    await new Promise(resolve => socket.once('close', resolve))
    expect((received.match(/HTTP\/1\.1 /g) ?? []).length).toBeLessThan(1000)
    expect((await service.request('GET', '/health')).status).toBe(200)
  })

  it('beyond the limit are not even parsed', async () => {
    let [parsed, handled] = [0, 0]
    const countParsed = () => parsed++
    const countHandled = () => handled++
    subscribe('http.server.request.start', countParsed)
    subscribe('tracing:fastify.request.handler:start', countHandled)
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1').on('error', () => undefined)
    socket.write(health.repeat(10_000))
    await new Promise(resolve => socket.once('close', resolve))
    expect((await service.request('GET', '/health')).status).toBe(200)
    unsubscribe('http.server.request.start', countParsed)
    unsubscribe('tracing:fastify.request.handler:start', countHandled)
    // The first of them began at once; and the request of the last line.
    expect(handled).toBeLessThanOrEqual(1 + 1)
    // The 16, the one beyond, and that of the last line.
    expect(parsed).toBeLessThanOrEqual(16 + 1 + 1)
  })
})

describe('paths', () => {
  it.each([
    '/docs/static/../../../../../../etc/passwd',
    '/docs/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/docs/static/..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/docs/static/..%5c..%5cetc%5cpasswd',
    '/files/../../../etc/passwd',
    '/files/%2e%2e%2f%2e%2e%2fetc/passwd?expires=9999999999&signature=x',
    '/files/%00?expires=9999999999&signature=x',
    '//etc/passwd',
    'http://other.example/etc/passwd',
  ])('never lead out of the service: %s', async path => {
    const response = await answerTo(request(`GET ${path} HTTP/1.1`, 'Connection: close'))
    expect(response).toMatch(/^HTTP\/1\.1 40[034] /)
    expect(response).not.toContain('root:')
  })
})

describe('slow and endless clients', () => {
  it('endless headers are cut off, and /health responds meanwhile', async () => {
    const { hostname, port } = new URL(service.url)
    const slow = Array.from({ length: 300 }, () => {
      const socket = connect(Number(port), hostname).on('error', () => undefined)
      socket.write('GET /health HTTP/1.1\r\nHost: x\r\nX-A')
      return socket
    })
    const first = new Promise<string>(resolve => slow[0].once('data', data => resolve(String(data))))
    const trickle = setInterval(() => {
      for (const socket of slow) socket.write('a')
    }, 500)
    await sleep(500)
    for (let i = 0; i < 5; i++) {
      const begin = Date.now()
      expect((await service.request('GET', '/health')).status).toBe(200)
      expect(Date.now() - begin).toBeLessThan(1000)
    }
    expect(await first).toMatch(/^HTTP\/1\.1 408 Request Timeout/)
    clearInterval(trickle)
    for (const socket of slow) socket.destroy()
  })

  it('a body that stops arriving gets a 408', async () => {
    const response = await answerTo(`${request('POST /v2/signin HTTP/1.1', 'Content-Length: 100')}{"user`)
    expect(response).toMatch(/^HTTP\/1\.1 408 Request Timeout[\s\S]*\{"message":"Request Timeout"\}$/)
  })

  it.each([
    ['signing in', 'POST /v2/signin HTTP/1.1', 64 * 1024 + 1],
    ['creating a task', 'POST /v2/task HTTP/1.1', 1024 * 1024 + 1],
    ['asking for nothing that is here', 'POST /nowhere HTTP/1.1', 10_000_000],
  ])('a client that sends too much when %s reads the response after it has sent everything', async (_what, line, size) => {
    const { hostname, port } = new URL(service.url)
    const socket = connect(Number(port), hostname)
    socket.write(request(line, `Authorization: ${token}`, `Content-Length: ${size}`))
    for (let sent = 0; sent < size; sent += 100_000) {
      await new Promise<void>((resolve, reject) =>
        socket.write(Buffer.alloc(Math.min(100_000, size - sent)), error => (error ? reject(error) : resolve())),
      )
      await sleep(20)
    }
    // Reads only now, like a client that does not read while it sends.
    let received = ''
    for await (const data of socket) received += data
    expect(received).toMatch(/^HTTP\/1\.1 413 Payload Too Large/)
  })

  it('a client that reads while it sends gets the 413 immediately', async () => {
    const { hostname, port } = new URL(service.url)
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    socket.write(request('POST /v2/task HTTP/1.1', `Authorization: ${token}`, 'Transfer-Encoding: chunked'))
    const endless = setInterval(() => socket.write(`10000\r\n${'a'.repeat(0x10000)}\r\n`), 20)
    const received = await new Promise<string>(resolve => socket.once('data', data => resolve(String(data))))
    clearInterval(endless)
    socket.destroy()
    expect(received).toMatch(/^HTTP\/1\.1 413 [\s\S]*\{"message":"Request Too Long"\}$/)
  })
})

it('one address cannot take all connections', async () => {
  const limited = await startService(dependencies => ({
    ...dependencies,
    settings: { ...dependencies.settings, maxConnections: 10, trustProxy: false },
  }))
  const { port } = new URL(limited.url)
  const from = (localAddress: string) =>
    connect({ port: Number(port), host: '127.0.0.1', localAddress }).on('error', () => undefined)
  const sockets = Array.from({ length: 12 }, () => from('127.0.0.2'))
  await expect.poll(() => sockets.filter(socket => socket.closed).length).toBe(7)
  const other = from('127.0.0.3')
  other.write(request('GET /health HTTP/1.1', 'Connection: close'))
  expect(await text(other)).toMatch(/^HTTP\/1\.1 200 /)
  for (const socket of sockets) socket.destroy()
  await limited.close()
})

it('connections beyond the limit are closed, until others end', async () => {
  const { server } = service.app
  const before = server.maxConnections
  server.maxConnections = 5
  const { hostname, port } = new URL(service.url)
  const sockets = Array.from({ length: 20 }, () => connect(Number(port), hostname).on('error', () => undefined))
  await expect.poll(() => sockets.filter(socket => socket.closed).length).toBeGreaterThanOrEqual(15)
  for (const socket of sockets) socket.destroy()
  await expect
    .poll(() =>
      fetch(`${service.url}/health`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200)
  server.maxConnections = before
})
