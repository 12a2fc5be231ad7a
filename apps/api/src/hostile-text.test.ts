/**
 * Every part of a request that takes text, with long texts in several alphabets: each gets an
 * response, and none keeps the CPU busy.
 */
import { PARAMETERS } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildAdmin } from './admin/app.js'
import { JPEG, type Service, startService } from './test/service.js'

const ALPHABETS: Record<string, string> = {
  digits: '1',
  spaces: ' ',
  dots: '.',
  slashes: '/',
  'open brackets': '[{',
  'closed brackets': ']}',
  letters: 'a',
  signs: '+-',
  quotes: '"\\',
  commas: 'a,',
  percent: '%2e',
  unicode: 'ä漢\u{1F4A3}',
}
/** A quadratic expression takes half a minute for this length, a linear one milliseconds. */
const LENGTH = 100_000
const LONGEST = 1_000_000
/** CPU time, because the machine may be busy with something else. */
const MAX_CPU_MS = 2000

const long = (alphabet: string, length = LENGTH) => `${alphabet.repeat(length / alphabet.length)}x`

let service: Service
let admin: FastifyInstance
let token: string
let download: string

beforeAll(async () => {
  service = await startService(({ settings, ...dependencies }) => ({
    ...dependencies,
    settings: { ...settings, trustProxy: true, s3Events: { token: 'events', bucket: 'obscura' } },
  }))
  admin = buildAdmin(service.dependencies)
  token = (await service.newUser()).token
  const task = await service.create(token)
  await service.upload(task.upload_url, JPEG)
  const url = new URL(await service.store.presignGet(`${task.customer_id}/${task.task_id}/original`, 600))
  download = url.pathname + url.search
})
afterAll(async () => {
  await admin.close()
  await service.close()
})

interface Sent {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS'
  url: string
  payload?: string
  headers?: Record<string, string>
}

/**
 * Node's parser reads the two headers about the body's length itself and never lets such values
 * through; this bypasses it to test our code.
 */
async function send(sent: Sent): Promise<void> {
  const begin = process.cpuUsage()
  const headers = { authorization: token, ...sent.headers }
  const app = sent.url.startsWith('/admin') ? admin : service.app
  const { statusCode } = await app.inject({ method: 'GET', ...sent, headers })
  const { user, system } = process.cpuUsage(begin)
  expect(statusCode, JSON.stringify(sent).slice(0, 200)).toBeLessThan(500)
  expect((user + system) / 1000, JSON.stringify(sent).slice(0, 200)).toBeLessThan(MAX_CPU_MS)
}

const HEADERS = [
  'authorization',
  'host',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'content-type',
  'origin',
  'access-control-request-method',
  'access-control-request-headers',
  'traceparent',
  'tracestate',
  'accept',
  'accept-encoding',
  'cookie',
  'user-agent',
]
const FILE_HEADERS = ['range', 'if-range', 'if-none-match', 'if-modified-since']
const QUERY = [
  'create_time_after',
  'create_time_before',
  'task_status',
  'next_page_key',
  'limit',
  'token',
  'expires',
  'signature',
]
const PATHS = ['/v2/task/list', '/v2/usage', '/files/a/1/original', '/events/s3']
const ID_ROUTES = [
  ['GET', ''],
  ['GET', '/status'],
  ['GET', '/metadata'],
  ['POST', '/start'],
  ['DELETE', '/files'],
] as const

describe.each(Object.entries(ALPHABETS))('100,000 %s', (_name, alphabet) => {
  it('in every parameter of a task, and as its name', async () => {
    const given = { anonymization_method: 'blur', face: true }
    for (const { name } of PARAMETERS) {
      await send({ method: 'POST', url: '/v2/task', payload: JSON.stringify({ ...given, [name]: long(alphabet) }) })
    }
    await send({ method: 'POST', url: '/v2/task', payload: JSON.stringify({ ...given, [long(alphabet)]: true }) })
    await send({ method: 'POST', url: '/v2/task', payload: JSON.stringify({ ...given, ignores: long(alphabet, LONGEST) }) })
    await send({ method: 'POST', url: '/v2/task', payload: long(alphabet, LONGEST) })
  })

  it('in every text of signing in and of the operator', async () => {
    const text = long(alphabet, 30_000)
    const bodies = [{ username: text, password: 'p' }, { username: 'u', password: text }, { RefreshToken: text }]
    for (const body of bodies) {
      for (const url of ['/v2/signin', '/v2/refresh', '/admin/users', '/admin/tasks/select']) {
        await send({ method: 'POST', url, payload: JSON.stringify({ limit: 1, ...body }) })
      }
    }
    for (const bucket of [text, 'obscura']) {
      const Records = [{ eventName: text, s3: { bucket: { name: bucket }, object: { key: text } } }]
      await send({
        method: 'POST',
        url: '/events/s3',
        payload: JSON.stringify({ Records }),
        headers: { authorization: 'events' },
      })
    }
  })

  it('in every path', async () => {
    for (const text of [long(alphabet), long(alphabet, 10_000)]) {
      const segment = alphabet === '%2e' ? text : encodeURIComponent(text)
      for (const [method, rest] of ID_ROUTES) await send({ method, url: `/v2/task/${segment}${rest}` })
      for (const folder of ['', 'files/', 'docs/', 'docs/static/', 'admin/users/', 'admin/tasks/']) {
        await send({ url: `/${folder}${segment}` })
        await send({ method: 'PUT', url: `/${folder}${segment}` })
      }
    }
  })

  it('in every query', async () => {
    for (const path of PATHS) {
      for (const name of QUERY) await send({ url: `${path}?${name}=${encodeURIComponent(long(alphabet))}` })
      await send({ url: `${path}?${encodeURIComponent(long(alphabet))}` })
      await send({ url: `${path}?${'&a=1'.repeat(LENGTH / 4)}` })
    }
  })

  it('in every header', async () => {
    const text = long(alphabet)
    for (const name of HEADERS) {
      await send({ url: '/v2/task/1/status', headers: { [name]: text } })
      await send({ method: 'OPTIONS', url: '/v2/task', headers: { [name]: text } })
      await send({ method: 'POST', url: '/v2/task', payload: '{}', headers: { [name]: text } })
    }
    await send({ url: '/v2/task/1', headers: { authorization: `Bearer ${text}` } })
    await send({ url: '/v2/task/1', headers: { authorization: `${text}.${text}.${text}` } })
  })

  it.skipIf(process.env.S3_ENDPOINT)('in every header of a download, as long as headers may be', async () => {
    const text = encodeURI(alphabet).repeat(12_000 / encodeURI(alphabet).length)
    for (const name of FILE_HEADERS) {
      for (const value of [text, `bytes=${text}-`]) {
        const begin = process.cpuUsage()
        const { status } = await fetch(service.url + download, { headers: { [name]: value } })
        const { user, system } = process.cpuUsage(begin)
        expect([200, 206, 416]).toContain(status)
        expect((user + system) / 1000).toBeLessThan(MAX_CPU_MS)
      }
    }
  })
})
