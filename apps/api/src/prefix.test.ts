/** Behind a proxy that serves the API under a path prefix, every URL that the API returns works. */
import { once } from 'node:events'
import { createServer, request as forward, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { JPEG, type Service, startService } from './test/service.js'

const PREFIX = '/anon'
let service: Service
let proxy: Server
let base: string

beforeAll(async () => {
  proxy = createServer((asked, reply) => {
    if (!asked.url!.startsWith(PREFIX)) return void reply.writeHead(404).end('not under the prefix')
    const path = asked.url!.slice(PREFIX.length) || '/'
    const headers = { ...asked.headers, 'x-forwarded-host': 'pub.example', 'x-forwarded-proto': 'https' }
    const passed = forward(new URL(path, service.url), { method: asked.method, headers }, got => {
      reply.writeHead(got.statusCode!, got.headers)
      got.pipe(reply)
    })
    asked.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  base = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${PREFIX}`
  service = await startService(
    ({ settings, ...dependencies }) => ({
      ...dependencies,
      settings: { ...settings, publicUrl: () => base, issuer: base, trustProxy: true },
    }),
    () => base,
  )
})
afterAll(async () => {
  proxy.closeAllConnections()
  proxy.close()
  await service.close()
})

// biome-ignore lint/suspicious/noExplicitAny: what a response holds is for the test to say
const json = async (path: string): Promise<any> => (await fetch(base + path)).json()

it('/docs is found with and without a slash, and loads nothing from outside the prefix', async () => {
  for (const path of ['/docs', '/docs/', '/docs/static/index.html']) {
    const page = await fetch(base + path)
    expect([page.status, page.url]).toEqual([200, `${base}/docs/`])
    const sources = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => new URL(source, page.url))
    expect(sources.length).toBeGreaterThan(3)
    for (const source of sources) {
      expect(source.href.startsWith(`${base}/docs/`)).toBe(true)
      expect((await fetch(source)).status).toBe(200)
    }
  }
})

it('OpenAPI names the public address', async () => {
  for (const path of ['/openapi.json', '/docs/json', '/docs/yaml']) expect((await json(path)).servers).toEqual([{ url: base }])
  expect((await json('/.well-known/jwks.json')).keys.length).toBeGreaterThan(0)
})

it('tasks are created, uploaded, read and downloaded through the links in responses alone', async () => {
  const { token, username } = await service.newUser()
  const signedIn = await fetch(`${base}/v2/signin`, {
    method: 'POST',
    body: JSON.stringify({ username, password: 'correct horse' }),
  })
  const { AccessToken } = (await signedIn.json()) as { AccessToken: string }
  expect(JSON.parse(String(Buffer.from(AccessToken.split('.')[1], 'base64url'))).iss).toBe(base)
  const headers = { authorization: token }
  const body = JSON.stringify({ anonymization_method: 'blur', face: true, binary_segmentation_mask: true })
  const reply = await fetch(`${base}/v2/task`, { method: 'POST', body, headers })
  const created = (await reply.json()) as { task_id: number; upload_url: string }
  if (!process.env.S3_ENDPOINT) expect(created.upload_url.startsWith(`${base}/files/`)).toBe(true)
  expect((await fetch(created.upload_url, { method: 'PUT', body: JPEG })).status).toBe(200)
  await service.status(token, created.task_id)
  await service.complete(created.task_id, [], 'jpeg')
  const task = (await (await fetch(`${base}/v2/task/${created.task_id}`, { headers })).json()) as Record<string, string>
  for (const link of ['original_url', 'anonymized_url', 'binary_segmentation_mask_url']) {
    expect((await fetch(task[link])).status, link).toBe(200)
  }
  expect(task.metadata_url).toBe(`${base}/v2/task/${created.task_id}/metadata`)
  expect((await fetch(task.metadata_url, { headers })).status).toBe(204)
})
