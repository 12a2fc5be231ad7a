import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErrorResponse, MessageResponse, SignInError } from './schemas.js'
import { type Service, startService } from './test/service.js'

let service: Service
let webRoot: string
let broken = false
let withoutHints = false

beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'obscura-web-'))
  await writeFile(join(webRoot, 'index.html'), '<title>Obscura</title>')
  service = await startService(dependencies => ({
    ...dependencies,
    webRoot,
    dispatcher: {
      ...dependencies.dispatcher,
      check: async () => {
        if (withoutHints) throw new Error('Redis is not connected.')
      },
    },
    settings: { ...dependencies.settings, trustProxy: true },
    readiness: {
      models: async () => {
        if (broken) throw new Error('no models at /secret/place')
      },
    },
  }))
})
afterAll(async () => {
  await service.close()
  await rm(webRoot, { recursive: true })
})

describe('CORS', () => {
  it.each(['/v2/signin', '/v2/task', '/v2/task/1/status', '/files/x/1/original', '/nowhere'])('is open for %s', async path => {
    const headers = {
      origin: 'https://app.example',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,content-type',
    }
    const preflight = await service.request('OPTIONS', path, { headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect(preflight.headers.get('access-control-allow-methods')).toContain(method)
    }
    expect(preflight.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type')
    const response = await service.request('GET', path, { headers: { origin: 'https://app.example' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('answers an OPTIONS request without the headers of a browser', async () => {
    const response = await service.request('OPTIONS', '/v2/task')
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')).toContain('POST')
  })
})

describe('behind a proxy', () => {
  it("uses the address that the proxy saw, not the client's own claim", async () => {
    const { username } = await service.newUser()
    const guess = (address: string) =>
      service.request('POST', '/v2/signin', {
        body: { username, password: 'wrong' },
        headers: { 'x-forwarded-for': address },
      })
    for (let i = 0; i < 10; i++) await guess(`${i}.6.6.6, 7.7.7.7`)
    expect((await guess('6.6.6.6, 7.7.7.7')).body.message).toBe('Password attempts exceeded')
    expect((await guess('6.6.6.6, 8.8.8.8')).body.message).toBe('Incorrect username or password.')
  })
})

describe('routes that do not exist', () => {
  it.each([
    ['GET', '/nowhere'],
    ['POST', '/v2/nowhere'],
    ['PUT', '/v2/task'],
    ['GET', '/v2/task/1/nowhere'],
    ['GET', '/v2/task/%zz'],
    ['GET', '/v3/task'],
    // Sent only on the admin socket.
    ['GET', '/admin'],
    ['GET', '/admin/users'],
    ['POST', '/admin/tasks/select'],
  ])('%s %s', async (method, path) => {
    expect(await service.request(method, path)).toMatchObject({ status: 404, body: { message: 'Not Found' } })
  })
})

describe('any request', () => {
  it('gets a documented response', async () => {
    const { token } = await service.newUser()
    const segment = fc.oneof(
      fc.constantFrom('task', 'list', 'status', 'metadata', 'start', 'files', '1690264444814157'),
      fc.string(),
    )
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH'),
      path: fc.array(segment, { maxLength: 4 }).map(segments => segments.map(encodeURIComponent).join('/')),
      query: fc.dictionary(
        fc.constantFrom('create_time_after', 'create_time_before', 'limit', 'task_status', 'next_page_key'),
        fc.string(),
      ),
      authorization: fc.constantFrom(token, `Bearer ${token}`, 'Bearer', 'a.b.c'),
      payload: fc.option(fc.string({ unit: 'binary' })),
      type: fc.constantFrom('application/json', 'multipart/form-data', 'nonsense;;'),
    })
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, query, authorization, payload, type }) => {
        const response = await service.app.inject({
          method: method as 'GET',
          url: `/v2/${path}`,
          query,
          headers: { authorization, 'content-type': type },
          payload: payload ?? undefined,
        })
        expect([200, 204, 400, 401, 404]).toContain(response.statusCode)
        if (response.statusCode >= 400 && method !== 'HEAD') expect(response.json()).toSatisfy(isErrorBody)
      }),
      { numRuns: 300 },
    )
  })
})

function isErrorBody(body: unknown): boolean {
  return Value.Check(ErrorResponse, body) || Value.Check(MessageResponse, body) || Value.Check(SignInError, body)
}

describe('unexpected errors', () => {
  let faulty: Service
  beforeAll(async () => {
    faulty = await startService(dependencies => ({
      ...dependencies,
      db: {
        ...dependencies.db,
        query: async (sql, parameters) => {
          if (sql.includes('from tasks')) throw new Error('relation "tasks" at 10.1.2.3 is gone')
          return dependencies.db.query(sql, parameters)
        },
      },
    }))
  })
  afterAll(() => faulty.close())

  it.each([
    ['/v2/task/1/status', 'An unexpected error occurred. If the problem persists, please contact support (help@example.com).'],
    [
      '/v2/task/1/metadata',
      'An unexpected error occurred. Please try creating a task again. If the problem persists, please contact support (help@example.com).',
    ],
  ])('%s shows the documented sentence and nothing else', async (path, error) => {
    const { token } = await faulty.newUser()
    const response = await faulty.request('GET', path, { token })
    expect(response.status).toBe(500)
    expect(response.body).toEqual({ status_code: 500, error })
  })
})

describe('GET /health and /ready', () => {
  it('report the state without details', async () => {
    expect(await service.request('GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
    const checks = { database: 'ok', store: 'ok', dispatcher: 'ok', disk: 'ok', models: 'ok' }
    expect(await service.request('GET', '/ready')).toMatchObject({ status: 200, body: { status: 'ready', checks } })
    withoutHints = true
    const slower = { status: 'ready', checks: { ...checks, dispatcher: 'failed' } }
    expect(await service.request('GET', '/ready')).toMatchObject({ status: 200, body: slower })
    withoutHints = false
    broken = true
    const response = await service.request('GET', '/ready')
    expect(response.status).toBe(503)
    expect(response.body).toEqual({ status: 'not ready', checks: { ...checks, models: 'failed' } })
    expect((await service.request('GET', '/health')).status).toBe(200)
  })

  it('names the models to users only: operators call them what they like', async () => {
    const models = { profile: 'standard', fingerprint: '0123456789ab', models: [{ name: 'acme-plates', sha256: 'a'.repeat(64) }] }
    const working = await startService(dependencies => ({ ...dependencies, models }))
    const { token } = await working.newUser()
    const health = async (authorization?: string) =>
      (await working.request('GET', '/health', { headers: authorization ? { authorization } : {} })).body
    expect(await health()).toEqual({ status: 'ok' })
    for (const wrong of ['x', `${token}x`, 'Bearer ']) expect(await health(wrong)).toEqual({ status: 'ok' })
    expect(await health(token)).toEqual({ status: 'ok', models })
    expect((await working.request('GET', '/ready')).body).not.toHaveProperty('models')
    await working.close()
  })
})

describe('GET /openapi.json', () => {
  it('describes every endpoint, and every parameter once', async () => {
    const { body } = await service.request('GET', '/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    const endpoints = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    expect(endpoints.sort()).toEqual([
      'DELETE /v2/admin/customers/{id}',
      'DELETE /v2/admin/users/{username}',
      'DELETE /v2/admin/users/{username}/admin',
      'DELETE /v2/admin/users/{username}/sessions',
      'DELETE /v2/logo',
      'DELETE /v2/task/{id}/files',
      'GET /.well-known/jwks.json',
      'GET /health',
      'GET /ready',
      'GET /v2/admin/audit',
      'GET /v2/admin/customers',
      'GET /v2/admin/service',
      'GET /v2/admin/usage',
      'GET /v2/admin/users',
      'GET /v2/areas',
      'GET /v2/logo',
      'GET /v2/task/list',
      'GET /v2/task/{id}',
      'GET /v2/task/{id}/corrections',
      'GET /v2/task/{id}/detections',
      'GET /v2/task/{id}/metadata',
      'GET /v2/task/{id}/preview',
      'GET /v2/task/{id}/review',
      'GET /v2/task/{id}/status',
      'GET /v2/usage',
      'GET /v2/usage/days',
      'POST /v2/admin/users',
      'POST /v2/export',
      'POST /v2/password',
      'POST /v2/refresh',
      'POST /v2/signin',
      'POST /v2/signout',
      'POST /v2/task',
      'POST /v2/task/{id}/approve',
      'POST /v2/task/{id}/corrections',
      'POST /v2/task/{id}/original',
      'POST /v2/task/{id}/reject',
      'POST /v2/task/{id}/start',
      'PUT /v2/admin/customers/{id}/retention',
      'PUT /v2/admin/users/{username}/admin',
      'PUT /v2/admin/users/{username}/password',
      'PUT /v2/areas',
      'PUT /v2/logo',
    ])
    const create = body.paths['/v2/task'].post.requestBody.content['application/json'].schema
    expect(create).toMatchObject({
      required: ['anonymization_method'],
      additionalProperties: false,
      properties: { kernel_size_person: { type: 'number', default: 91 }, start_on: { enum: ['upload', 'start_request'] } },
    })
  })

  it('is shown at /docs without loading anything from other servers', async () => {
    const page = await service.request('GET', '/docs/')
    expect(page.status).toBe(200)
    expect(page.body).toContain('swagger-ui')
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source)
    expect(sources.length).toBeGreaterThan(0)
    for (const source of sources) {
      const url = new URL(source, new URL('/docs/', service.url))
      expect(url.origin).toBe(service.url)
      // Reads the body too: a connection with an unread one would hold up the end of the service.
      expect((await service.request('GET', url.pathname)).status).toBe(200)
    }
  })
})

describe('the web page', () => {
  it('is served from its folder', async () => {
    const page = await service.request('GET', '/')
    expect(page).toMatchObject({ status: 200, body: '<title>Obscura</title>' })
    expect(page.headers.get('content-type')).toContain('text/html')
  })
})
