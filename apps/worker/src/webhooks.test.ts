import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { addUser, claimDeliveries, deleteTask, findTask, RETRY_SECONDS } from '@obscura/shared'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { processNextTask } from './process-task.js'
import { makeUploaded, openServices, pass, type TestServices } from './test/services.js'
import { createSender, type WebhookConfig } from './webhooks.js'

const CONFIG: WebhookConfig = { WEBHOOK_ALLOW_PRIVATE: true, WEBHOOK_ON_FAILED: false, WEBHOOK_SECRET: undefined }

let services: TestServices
let server: Server
let webhook: string
let status: number
const received: { url: string; headers: Record<string, unknown>; body: string }[] = []

beforeAll(async () => {
  services = await openServices()
  server = createServer(async (request, response) => {
    received.push({ url: request.url!, headers: request.headers, body: await text(request) })
    response.writeHead(status).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=1`
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await services.close()
})

beforeEach(async () => {
  await services.db.query('truncate tasks, webhook_deliveries cascade')
  received.length = 0
  status = 200
})

async function finish(content: string, hook: string | null = webhook, customerId = services.customerId) {
  const task = await makeUploaded({ ...services, customerId }, content, { webhook: hook })
  await processNextTask(
    services,
    { owner: 'worker', leaseSeconds: 20, maxFailures: 1, uploadMaxBytes: 1000 },
    new AbortController().signal,
  )
  return task
}

async function sendWebhooks(on: TestServices, config: WebhookConfig): Promise<void> {
  const sender = createSender(on, config)
  await sender.sendDue()
  await sender.settled()
}

const webhookStatus = async (id: number) => (await findTask(services.db, services.customerId, id))?.webhookStatus

test('a done task is announced once, with the documented body', async () => {
  const task = await finish('photo')
  expect(await webhookStatus(task.id)).toBe('set')
  await sendWebhooks(services, CONFIG)
  await sendWebhooks(services, CONFIG)
  expect(received).toHaveLength(1)
  const [{ url, headers, body }] = received
  expect(url).toBe('/hook?key=1')
  expect(headers['content-type']).toBe('application/json')
  expect(headers).not.toHaveProperty('obscura-signature')
  expect(JSON.parse(body)).toEqual({
    customer_id: services.customerId,
    task_id: task.id,
    task_status: 'done',
    anonymized_url: expect.stringContaining(`/${task.id}/1/anonymized.png?`),
  })
  expect(await webhookStatus(task.id)).toBe('sent')
})

test('a task without a webhook sends no request', async () => {
  const task = await finish('photo', null)
  await sendWebhooks(services, CONFIG)
  expect(received).toEqual([])
  expect(await webhookStatus(task.id)).toBe('empty')
})

test('a failed task is only announced if configured', async () => {
  const silent = await finish('IMAGE_DEFECT')
  await sendWebhooks(services, CONFIG)
  expect(received).toEqual([])
  expect(await webhookStatus(silent.id)).toBe('set')
  const task = await finish('IMAGE_DEFECT')
  await sendWebhooks(services, { ...CONFIG, WEBHOOK_ON_FAILED: true })
  expect(received.map(({ body }) => JSON.parse(body))).toEqual([
    { customer_id: services.customerId, task_id: task.id, task_status: 'failed', failure_cause: 'IMAGE_DEFECT' },
  ])
})

test('the signature covers time and body', async () => {
  await finish('photo')
  await sendWebhooks(services, { ...CONFIG, WEBHOOK_SECRET: 'shared secret' })
  const [{ headers, body }] = received
  const [, time, hmac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['obscura-signature']))!
  expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60)
  expect(createHmac('sha256', 'shared secret').update(`${time}.${body}`).digest('hex')).toBe(hmac)
})

test('a receiver that is down gets eight attempts with growing pauses, then the webhook has failed', async () => {
  const task = await finish('photo')
  status = 503
  for (const pause of RETRY_SECONDS) {
    await sendWebhooks(services, CONFIG)
    expect(await webhookStatus(task.id)).toBe('set')
    await pass(services, pause * 0.79)
    expect(await claimDeliveries(services.db, 10, 60)).toEqual([])
    await pass(services, pause * 0.42)
  }
  await sendWebhooks(services, CONFIG)
  expect(received).toHaveLength(8)
  expect(await webhookStatus(task.id)).toBe('failed')
})

test('a receiver that comes back gets the webhook', async () => {
  const task = await finish('photo')
  status = 500
  await sendWebhooks(services, CONFIG)
  status = 204
  await pass(services, 20)
  await sendWebhooks(services, CONFIG)
  expect(received).toHaveLength(2)
  expect(await webhookStatus(task.id)).toBe('sent')
})

test('receivers that do not respond delay no other customer, however many tasks wait for them', async () => {
  const pending: (() => void)[] = []
  const silent = createServer((_, response) => pending.push(() => response.end())).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const sender = createSender(services, CONFIG)
  const waiting = []
  for (let i = 0; i < 60; i++) waiting.push(await finish('photo', `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`))
  for (let rounds = 0; rounds < 6; rounds++) await sender.sendDue()
  const other = await addUser(services.db, 'other', 'secret', 'Others')
  const task = await finish('photo', webhook, other.customerId)
  await sender.sendDue()
  await expect.poll(() => received.length).toBe(1)
  expect(JSON.parse(received[0].body)).toMatchObject({ customer_id: other.customerId, task_id: task.id })
  expect(await webhookStatus(waiting[0].id)).toBe('set')
  silent.removeAllListeners('request').on('request', (_, response) => response.end())
  for (const respond of pending) respond()
  await sender.settled()
  expect(await webhookStatus(waiting[0].id)).toBe('sent')
  silent.close()
})

test('plain http and private addresses are refused unless allowed', async () => {
  const task = await finish('photo')
  await sendWebhooks(services, { ...CONFIG, WEBHOOK_ALLOW_PRIVATE: false })
  expect(received).toEqual([])
  expect(await webhookStatus(task.id)).toBe('set')
})

test('a deleted task is not announced', async () => {
  const task = await finish('photo')
  await deleteTask(services.db, services.customerId, task.id)
  await sendWebhooks(services, CONFIG)
  expect(received).toEqual([])
})
