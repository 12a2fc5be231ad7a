import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTracing, traceAttempt, traceRequest } from './tracing.js'

interface SentSpan {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: { code?: number; message?: string }
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[]
}

let collector: Server
let sent: { path: string; service?: string; spans: SentSpan[] }[]
let stop: () => Promise<void>

beforeEach(async () => {
  sent = []
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const [{ resource, scopeSpans }] = JSON.parse(Buffer.concat(chunks).toString()).resourceSpans
    const service = resource.attributes.find(({ key }: { key: string }) => key === 'service.name')?.value.stringValue
    sent.push({ path: request.url!, service, spans: scopeSpans.flatMap(({ spans }: { spans: SentSpan[] }) => spans) })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  stop = await startTracing(`http://127.0.0.1:${(collector.address() as AddressInfo).port}`, 'obscura-test')
})
afterEach(async () => {
  await stop()
  collector.close()
})

const values = ({ attributes }: SentSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

/** What the collector has received when the process ends tracing. */
async function spansSent(): Promise<SentSpan[]> {
  await stop()
  expect(sent.map(({ path, service }) => [path, service])).toEqual([['/v1/traces', 'obscura-test']])
  return sent.flatMap(({ spans }) => spans)
}

test("a request is part of its caller's trace and names route, status and task", async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  traceRequest('GET', { traceparent })({ route: '/v2/task/:task_id', status: 200, taskId: '7' })
  traceRequest('PUT', {})({ status: 503 })
  const [first, second] = await spansSent()
  expect(first).toMatchObject({ name: 'GET /v2/task/:task_id', traceId: '0af7651916cd43dd8448eb211c80319c', kind: 2 })
  expect(first.parentSpanId).toBe('b7ad6b7169203331')
  expect(values(first)).toMatchObject({
    'http.route': '/v2/task/:task_id',
    'http.response.status_code': 200,
    'obscura.task.id': '7',
  })
  expect(second).toMatchObject({ name: 'PUT', status: { code: 2 } })
})

test('an attempt holds its steps, one after the other; a failed one its error', async () => {
  traceAttempt(7, 2)({ timings: { fetch: 10, detect: 250 } })
  traceAttempt(8, 1)({ error: 'IMAGE_DEFECT' })
  const spans = await spansSent()
  const named = (name: string) => spans.filter(span => span.name === name)
  const [[fetch], [detect], [done, failed]] = [named('fetch'), named('detect'), named('attempt')]
  expect([fetch.parentSpanId, detect.parentSpanId]).toEqual([done.spanId, done.spanId])
  expect(detect.startTimeUnixNano).toBe(fetch.endTimeUnixNano)
  expect(BigInt(detect.endTimeUnixNano) - BigInt(detect.startTimeUnixNano)).toBe(250_000_000n)
  expect(values(done)).toEqual({ 'obscura.task.id': '7', 'obscura.attempt': 2 })
  expect(failed.status).toEqual({ code: 2, message: 'IMAGE_DEFECT' })
})

test('without a collector spans go nowhere', async () => {
  await stop()
  traceAttempt(7, 1)({ timings: { fetch: 1 } })
  expect(sent).toEqual([])
})
