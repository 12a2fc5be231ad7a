/**
 * Random bodies and URLs. Runs for twenty seconds; to run it longer:
 *
 *     FUZZ_SECONDS=3600 npx vitest run apps/api/src/fuzz.test.ts
 */
import { PARAMETERS } from '@obscura/shared'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { talk } from './test/raw-client.js'
import { type Service, startService } from './test/service.js'

const FUZZ_MS = Number(process.env.FUZZ_SECONDS ?? 20) * 1000
/** Processor time for one request. */
const MAX_CPU_MS = 2000

let service: Service
let token: string

beforeAll(async () => {
  service = await startService()
  token = (await service.newUser()).token
})
afterAll(() => service.close())

/** Half of the time each; the time limit ends the runs. */
const bounded = { numRuns: 1_000_000_000, interruptAfterTimeLimit: FUZZ_MS / 2 }

const key = fc.oneof(
  fc.constantFrom(...PARAMETERS.map(({ name }) => name), '__proto__', 'constructor', 'toString', 'username', 'password'),
  fc.string({ unit: 'binary' }),
)
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('blur', 'whole', '', '1e999', '-0', 'https://a.b', '{"number":[1,1],"overlap":[0,0]}'),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.anything({ maxDepth: 3 }).map(given => JSON.stringify(given) ?? null),
)
const object = fc
  .dictionary(key, value)
  .map(given => Buffer.from(JSON.stringify({ anonymization_method: 'blur', face: true, ...given })))
/** JSON with some of its bytes changed. */
const damaged = fc
  .tuple(object, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 5 }))
  .map(([bytes, changes]) => {
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte
    return bytes
  })
const nested = fc
  .tuple(fc.constantFrom('[', '{"a":', '[{"a":'), fc.integer({ min: 1, max: 20_000 }))
  .map(([open, depth]) => Buffer.from(`{"face":${open.repeat(depth)}`))
const body = fc.oneof(object, damaged, nested, fc.uint8Array({ maxLength: 1000 }).map(Buffer.from))

it(
  `any body has a documented response, tried for ${FUZZ_MS / 2000} s`,
  async () => {
    const url = fc.constantFrom('/v2/task', '/v2/signin', '/v2/refresh', '/v2/task/1/start', '/v2/task/')
    await fc.assert(
      fc.asyncProperty(url, body, async (path, payload) => {
        const begin = process.cpuUsage()
        const response = await service.app.inject({ method: 'POST', url: path, headers: { authorization: token }, payload })
        const { user, system } = process.cpuUsage(begin)
        expect([200, 400, 413]).toContain(response.statusCode)
        expect(response.json()).toBeTypeOf('object')
        expect((user + system) / 1000).toBeLessThan(MAX_CPU_MS)
      }),
      bounded,
    )
  },
  FUZZ_MS * 10 + 60_000,
)

const piece = fc.oneof(
  fc.constantFrom(
    'v2',
    'task',
    'list',
    'files',
    'docs',
    'static',
    'admin',
    'users',
    '..',
    '.',
    '',
    '%2e%2e',
    '%00',
    '%',
    '%zz',
    '*',
    ';',
    '//',
  ),
  fc.string({ unit: 'binary-ascii' }).map(encodeURIComponent),
  // All bytes that do not end the request line or the path.
  fc.string({ unit: fc.integer({ min: 0x21, max: 0xff }).map(code => String.fromCharCode(code)) }),
)
const target = fc
  .tuple(fc.array(piece, { maxLength: 6 }), fc.option(fc.webQueryParameters()), fc.constantFrom('/', '', 'http://x/', '*', '//'))
  .map(([pieces, query, start]) => `${start}${pieces.join('/')}${query === null ? '' : `?${query}`}`)

it(
  `any URL has a response below 500, tried for ${FUZZ_MS / 2000} s`,
  async () => {
    const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE')
    await fc.assert(
      fc.asyncProperty(method, target, async (name, path) => {
        const begin = process.cpuUsage()
        const lines = [
          `${name} ${path} HTTP/1.1`,
          'Host: x',
          `Authorization: ${token}`,
          'Content-Length: 0',
          'Connection: close',
          '',
          '',
        ]
        const response = await talk(service.url, [{ send: Buffer.from(lines.join('\r\n'), 'latin1') }])
        const { user, system } = process.cpuUsage(begin)
        expect(response).toMatch(/^HTTP\/1\.1 [234]\d\d /)
        expect((user + system) / 1000).toBeLessThan(MAX_CPU_MS)
      }),
      bounded,
    )
  },
  FUZZ_MS * 10 + 60_000,
)
