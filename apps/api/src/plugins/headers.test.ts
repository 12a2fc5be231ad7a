import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { talk } from '../test/raw-client.js'
import { ISSUER, JPEG, type Service, startService } from '../test/service.js'

let service: Service
let token: string

beforeAll(async () => {
  service = await startService()
  token = (await service.newUser()).token
})
afterAll(() => service.close())

const SECURE = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
  'cache-control': 'no-store',
}

describe('responses have headers that restrict browsers', () => {
  it.each([
    ['GET', '/health', 200],
    ['GET', '/v2/task/1', 400],
    ['GET', '/v2/task/list?create_time_after=2024-01-01', 200],
    ['GET', '/nowhere', 404],
    ['GET', '/v2/task/%zz', 404],
    ['PUT', '/files/forged', 403],
    ['POST', '/v2/signin', 400],
    ['OPTIONS', '/v2/task', 204],
    ['GET', '/openapi.json', 200],
    ['GET', '/docs/', 200],
  ])('%s %s', async (method, path, status) => {
    const response = await service.request(method, path, { token })
    expect(response.status).toBe(status)
    expect(Object.fromEntries(response.headers)).toMatchObject(SECURE)
  })

  it('invalid requests get them too', async () => {
    const response = await talk(service.url, [{ send: 'nonsense\r\n\r\n' }])
    expect(response).toMatch(/^HTTP\/1\.1 400 Bad Request/)
    expect(response).toMatch(/cache-control: no-store/)
    expect(response).toMatch(/x-content-type-options: nosniff/)
  })

  it('images have them too, but other pages may show images', async () => {
    const task = await service.create(token)
    await service.upload(task.upload_url, JPEG)
    const url = await service.store.presignGet(`${task.customer_id}/${task.task_id}/original`, 60, 'image/jpeg')
    const { status, headers } = await fetch(url, { headers: { origin: 'https://app.example' } })
    expect(status).toBe(200)
    if (process.env.S3_ENDPOINT) return
    expect(Object.fromEntries(headers)).toMatchObject({
      ...SECURE,
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
    })
  })
})

it('/docs runs its own scripts only, talks to the service only and keeps no token', async () => {
  const page = await service.request('GET', '/docs/')
  const policy = page.headers.get('content-security-policy')
  expect(policy).toMatch(/script-src 'self';/)
  expect(policy).toMatch(/connect-src 'self'/)
  const script = await service.request('GET', '/docs/static/swagger-initializer.js')
  expect(script.body).toMatch(/"persistAuthorization":\s*false/)
})

it('tokens name a fixed issuer, whatever host the request was sent to', async () => {
  const behind = await startService(({ settings, ...dependencies }) => ({
    ...dependencies,
    settings: { ...settings, trustProxy: true },
  }))
  const { username } = await behind.newUser()
  const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', host: 'evil.example' }
  const response = await behind.request('POST', '/v2/signin', { body: { username, password: 'correct horse' }, headers })
  for (const jwt of [response.body.AccessToken, response.body.IdToken]) {
    expect(JSON.parse(String(Buffer.from(jwt.split('.')[1], 'base64url'))).iss).toBe(ISSUER)
  }
  await behind.close()
})
