import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { startRedis } from '@obscura/test-servers/redis'
import { missing } from '@obscura/test-servers/requirement'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkRedis } from './dispatch/redis.js'
import { createLogger } from './log.js'
import { withoutSecrets } from './logged-error.js'
import { openS3Store } from './store/s3.js'

const SECRET = 'Hunter2'

/** Answers like S3 servers that find a wrong signature: with everything that was signed. */
const server = createServer((_, response) => {
  const said = `<Code>SignatureDoesNotMatch</Code><Message>No.</Message><StringToSign>${SECRET}</StringToSign><SignatureProvided>${SECRET}</SignatureProvided>`
  response.writeHead(403, { 'content-type': 'application/xml', 'x-amz-request-id': 'request-7' }).end(`<Error>${said}</Error>`)
})
let url: string

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

async function logged(failing: Promise<unknown> | (() => unknown)): Promise<string> {
  const error = await (typeof failing === 'function' ? Promise.resolve().then(failing) : failing).then(
    () => expect.unreachable('It did not fail.'),
    (thrown: unknown) => thrown,
  )
  const destination = new PassThrough()
  const log = createLogger('info', destination)
  log.error({ err: error }, 'x')
  log.fatal(error)
  destination.end()
  return text(destination)
}

test('an error shows its kind, message, code, stack and causes', async () => {
  const cause = Object.assign(new Error('within'), { code: 'ECONNRESET' })
  const line = JSON.parse((await logged(Promise.reject(new TypeError('without', { cause })))).split('\n')[0])
  expect(line.err).toEqual({
    type: 'TypeError',
    message: 'without',
    stack: expect.stringContaining('logged-error.test.ts'),
    cause: { type: 'Error', message: 'within', code: 'ECONNRESET', stack: expect.any(String) },
  })
})

const key = { accessKeyId: SECRET, secretAccessKey: SECRET }
const s3 = () =>
  openS3Store({ endpoint: url, publicEndpoint: url, region: 'x', bucket: 'b', credentials: key, forcePathStyle: true })

test('an S3 server that finds a signature wrong is named by its request, without what was signed', async () => {
  const line = await logged(s3().get('some/key'))
  expect(line).toContain('request-7')
  expect(line).not.toContain(SECRET)
  // Nor when the error is printed directly.
  const error = await s3()
    .get('some/key')
    .catch(error => error)
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET)
})

test.each<[string, () => unknown]>([
  ['a URL that cannot be read', () => new URL(`http://[/hook?token=${SECRET}`)],
  ['a request that fails', () => fetch(`http://127.0.0.1:1/hook?token=${SECRET}`, { headers: { authorization: SECRET } })],
  ['a request to a host that is none', () => fetch(`http://user:${SECRET}@host.invalid/`)],
  ['JSON that is none', () => JSON.parse(`{"password": ${SECRET}}`)],
  ['errors within an error', () => Promise.any([Promise.reject(Object.assign(new Error('no'), { params: [SECRET] }))])],
  ['a deep cause', () => Promise.reject(new Error('a', { cause: Object.assign(new Error('b'), { query: SECRET }) }))],
  [
    'a message with addresses',
    () => Promise.reject(new Error(`GET https://a:${SECRET}@b/c?signature=${SECRET} at /d?e=${SECRET}`)),
  ],
  ['a message with a token', () => Promise.reject(new Error(`authorization: Bearer ${SECRET}`))],
  ['a message of several lines', () => Promise.reject(Object.assign(new Error('x\n    y'), { detail: SECRET }))],
  ['a value that is not an error', () => Promise.reject({ token: SECRET })],
])('%s is logged without its secrets', async (_, fail) => {
  expect(await logged(fail)).not.toContain(SECRET)
})

test.skipIf(missing('redis-server'))('a Redis that refuses a password is logged without it', async () => {
  const redis = await startRedis({ password: 'right' })
  const line = await logged(checkRedis(redis.url.replace('right', SECRET)))
  await redis.stop()
  expect(line).not.toContain(SECRET)
})

test('hostile messages cost no more than their length', () => {
  const began = performance.now()
  for (const part of ['?', '//', '//a', 'Bearer ', 'eyJ', '?a', '/ ']) withoutSecrets(part.repeat(2_000_000 / part.length))
  expect(performance.now() - began).toBeLessThan(1000)
})
