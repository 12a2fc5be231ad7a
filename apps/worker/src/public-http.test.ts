import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPublic, post, WebhookRequestError } from './public-http.js'

/** Requests that the receiver got: refused ones must never arrive. */
const seen: { url: string; method: string; host: string; body: string; type: string }[] = []
let server: Server
let port: number

beforeAll(async () => {
  server = createServer(receive).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url, method, headers } = request
  seen.push({ url: url!, method: method!, host: headers.host!, type: headers['content-type']!, body: await text(request) })
  if (url === '/redirect') response.writeHead(307, { location: `http://127.0.0.1:${port}/secret` }).end()
  else if (url === '/endless') setInterval(() => response.write('x'.repeat(1000)), 5).unref()
  else if (url !== '/silent') response.writeHead(Number(url!.slice(1)) || 200).end('thank you')
}

const allowPrivate = { allowPrivate: true }
const resolveTo = (...addresses: string[]) => ({ resolve: async () => addresses })

describe('a request', () => {
  test('carries body and headers to the URL as it was given', async () => {
    seen.length = 0
    await post(`http://127.0.0.1:${port}/hook?a=1&b=ü`, '{"x":"ü"}', { 'content-type': 'application/json' }, allowPrivate)
    expect(seen).toEqual([
      { url: '/hook?a=1&b=%C3%BC', method: 'POST', host: `127.0.0.1:${port}`, type: 'application/json', body: '{"x":"ü"}' },
    ])
  })

  test.each([200, 201, 204, 299])('answered with %i has arrived', async status => {
    await post(`http://127.0.0.1:${port}/${status}`, '', {}, allowPrivate)
  })

  test.each([301, 400, 404, 500, 503])('answered with %i has not', async status => {
    await expect(post(`http://127.0.0.1:${port}/${status}`, '', {}, allowPrivate)).rejects.toThrow(`status ${status}`)
  })

  test('does not follow redirects', async () => {
    seen.length = 0
    await expect(post(`http://127.0.0.1:${port}/redirect`, '', {}, allowPrivate)).rejects.toThrow('status 307')
    expect(seen.map(({ url }) => url)).toEqual(['/redirect'])
  })

  test('is given up without a response', async () => {
    const waiting = post(`http://127.0.0.1:${port}/silent`, '', {}, { ...allowPrivate, timeoutMs: 100 })
    await expect(waiting).rejects.toThrow('No response within 100 ms.')
  })

  test('is given up when the name does not resolve in time', async () => {
    const options = { ...allowPrivate, resolve: () => new Promise<string[]>(() => undefined), timeoutMs: 100 }
    await expect(post('http://hook.example/', '', {}, options)).rejects.toThrow('No response within 100 ms.')
  })

  test('does not read responses that never end', async () => {
    await post(`http://127.0.0.1:${port}/endless`, '', {}, allowPrivate)
  })

  test.each([
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n', 'status 101'],
    ['interim responses without end', 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n', 'interim responses without end'],
    ['headers without end', 'HTTP/1.1 200 OK\r\nX: y', 'HPE_HEADER_OVERFLOW'],
    ['what is not HTTP', 'hello', 'HPE_INVALID_CONSTANT'],
  ])('ends when the receiver sends %s', async (_, sent, reason) => {
    const receiver = createTcpServer(socket => {
      socket.on('error', () => undefined).on('data', () => undefined)
      socket.write(sent)
      const more = sent.startsWith('HTTP/1.1 200') ? 'y'.repeat(10_000) : sent
      const sending = setInterval(() => socket.write(more), 1)
      socket.on('close', () => clearInterval(sending))
    }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
    await expect(post(url, '', {}, { ...allowPrivate, timeoutMs: 60_000 })).rejects.toThrow(reason)
    receiver.close()
  })

  test('that cannot connect fails with a reason', async () => {
    await expect(post('http://127.0.0.1:1/', '', {}, allowPrivate)).rejects.toThrow(WebhookRequestError)
    await expect(post('http://hook.example/', '', {}, { ...allowPrivate, ...resolveTo() })).rejects.toThrow('no address')
  })

  test('that fails reveals neither name nor address of the receiver', async () => {
    const failed = async (url: string) => post(url, '', {}, allowPrivate).catch(({ message }) => message)
    expect(await failed('https://token-4711.invalid/')).toMatch(/^The request failed: \w+$/)
    expect(await failed(`https://127.0.0.1:${port}/`)).toMatch(/^The request failed: \w+$/)
    expect(await failed('http://127.0.0.1:1/')).toBe('The request failed: ECONNREFUSED')
  })

  test('goes to the checked address, however the name resolves afterwards', async () => {
    seen.length = 0
    const answers = [['127.0.0.1'], ['192.0.2.1']]
    let asked = 0
    const resolve = async () => answers[asked++]
    await post(`http://hook.example:${port}/rebind`, '', {}, { ...allowPrivate, resolve, timeoutMs: 2000 })
    expect(asked).toBe(1)
    expect(seen).toMatchObject([{ url: '/rebind', host: `hook.example:${port}` }])
  })
})

describe('by default', () => {
  const refuse = async (url: string, ...addresses: string[]) => {
    seen.length = 0
    const options = { allowPrivate: false, ...(addresses.length > 0 && resolveTo(...addresses)) }
    await expect(post(url, '', {}, options)).rejects.toThrow(WebhookRequestError)
    expect(seen).toEqual([])
  }

  test.each(['http://example.com/', 'ftp://example.com/', 'file:///etc/passwd'])('%s is refused for its scheme', async url => {
    await refuse(url, '93.184.216.34')
  })

  test.each([
    ['loopback', 'https://127.0.0.1:PORT/'],
    ['loopback by another name', 'https://127.1:PORT/'],
    ['a decimal address', 'https://2130706433:PORT/'],
    ['a hexadecimal address', 'https://0x7f000001:PORT/'],
    ['an octal address', 'https://0177.0.0.1:PORT/'],
    ['every interface', 'https://0.0.0.0:PORT/'],
    ['IPv6 loopback', 'https://[::1]:PORT/'],
    ['IPv4 in IPv6', 'https://[::ffff:127.0.0.1]:PORT/'],
    ['the name localhost', 'https://localhost:PORT/'],
    ['a link-local address', 'https://169.254.169.254/latest/meta-data/'],
    ['credentials that look like a host', 'https://example.com@127.0.0.1:PORT/'],
  ])('%s is refused', async (_, url) => {
    await refuse(url.replace('PORT', String(port)))
  })

  test.each([[['10.0.0.1']], [['93.184.216.34', '192.168.1.1']], [['fd00::1']]])(
    'a name that resolves to %j is refused',
    async addresses => {
      await refuse('https://hook.example/', ...addresses)
    },
  )
})

describe('addresses', () => {
  test.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:8.8.8.8'])('%s is public', address => {
    expect(isPublic(address)).toBe(true)
  })

  test.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '192.0.0.1', '192.168.0.1'],
    ...['198.18.0.1', '192.0.2.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2001::1'],
    ...['fc00::1', 'fd12::1', 'fe80::1', 'fec0::1', 'ff02::1', '2001:db8::1', '::ffff:0:127.0.0.1', '100::1'],
  ])('%s is not', address => {
    expect(isPublic(address)).toBe(false)
  })
})
