import { readdir } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createLogger, createReserve } from '@obscura/shared'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { JPEG, PNG, type Service, startService } from '../test/service.js'

const MB = 1_000_000
let service: Service
let token: string
const sockets: Socket[] = []

beforeAll(async () => {
  // Space for exactly two of the largest uploads.
  const measure = async () => 12 * MB
  const disk = createReserve({ resource: 'disk', bytes: 10 * MB, measure, setting: 'MIN_FREE_DISK_MB' }, createLogger('silent'))
  service = await startService(dependencies => ({
    ...dependencies,
    disk,
    settings: {
      ...dependencies.settings,
      uploads: {
        pace: { idleMs: 8000, minBytesPerSecond: 1000, windowMs: 60_000 },
        perCustomer: 3,
        waitingPerCustomer: 2,
      },
    },
  }))
  token = (await service.newUser()).token
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(() => service.close())

/** Starts an upload manually. */
function begin(url: string, announced: number, first: Uint8Array = Buffer.alloc(0)) {
  const { hostname, port, pathname, search } = new URL(url)
  const socket = connect(Number(port), hostname)
  sockets.push(socket)
  socket.on('error', () => undefined)
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: ${announced}\r\n\r\n`)
  socket.write(first)
  let received = ''
  const response = new Promise<string>(resolve => {
    socket.on('data', data => {
      received += data
      if (received.includes('</Error>') || received.includes('200 OK')) resolve(received)
    })
    socket.on('close', () => resolve(received))
  })
  return { socket, response }
}

/** Waits until this many uploads are being written. */
const beingReceived = (count: number) =>
  expect.poll(() => readdir(join(service.folder, 'files', 'temporary'))).toHaveLength(count)

const key = (task: { customer_id: string; task_id: number }) => `${task.customer_id}/${task.task_id}/original`

describe.skipIf(process.env.S3_ENDPOINT)('uploads to the embedded store', () => {
  it('that announce a large size and send nothing take no space from others, and are ended', async () => {
    const silent = []
    for (let i = 0; i < 5; i++) silent.push(begin((await service.create(token)).upload_url, MB))
    const other = (await service.newUser()).token
    const task = await service.create(other)
    expect((await service.upload(task.upload_url, Buffer.alloc(900_000))).status).toBe(200)
    expect((await service.request('GET', '/ready')).status).toBe(200)
    for (const { response } of silent) expect(await response).toMatch(/^HTTP\/1\.1 400 [\s\S]*<Code>RequestTimeout<\/Code>/)
  })

  it('to one URL take only one place of the customer', async () => {
    const url = (await service.create(token)).upload_url
    const silent = Array.from({ length: 100 }, () => begin(url, MB))
    const task = await service.create(token)
    expect((await service.upload(task.upload_url)).status).toBe(200)
    const ended = await Promise.all(silent.slice(0, -1).map(({ response }) => response))
    const replaced = ended.filter(response => response.includes('<Code>OperationAborted</Code>'))
    expect(replaced.length).toBeGreaterThanOrEqual(98)
  })

  it('to one URL: only the newest continues, so that a client can retry', async () => {
    const task = await service.create(token)
    const dead = begin(task.upload_url, 1000, JPEG)
    await beingReceived(1)
    expect((await service.upload(task.upload_url, PNG)).status).toBe(200)
    expect(await dead.response).toMatch(/^HTTP\/1\.1 409 Conflict[\s\S]*<Code>OperationAborted<\/Code>/)
    expect(await service.store.get(key(task))).toEqual(PNG)
  })

  it('beyond the limit of a customer wait; even more are refused with SlowDown', async () => {
    const tasks = await Promise.all(Array.from({ length: 6 }, () => service.create(token)))
    const slow = tasks.slice(0, 3).map(task => begin(task.upload_url, JPEG.length, JPEG.subarray(0, 5)))
    await beingReceived(3)
    const more = tasks.slice(3).map(task => service.upload(task.upload_url))
    const refused = await Promise.race(more)
    expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('<Code>SlowDown</Code>') })
    const other = (await service.newUser()).token
    expect((await service.upload((await service.create(other)).upload_url)).status).toBe(200)
    for (const { socket } of slow) socket.write(JPEG.subarray(5))
    for (const { response } of slow) expect(await response).toMatch(/^HTTP\/1\.1 200/)
    expect((await Promise.all(more)).map(({ status }) => status).sort()).toEqual([200, 200, 503])
  })

  it('that started before the file of a task in progress do not replace it', async () => {
    const task = await service.create(token)
    const slow = begin(task.upload_url, PNG.length, PNG.subarray(0, 4))
    await beingReceived(1)
    // As if another API process received it.
    await service.store.put(key(task), JPEG, 'image/jpeg')
    expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'queued' })
    slow.socket.write(PNG.subarray(4))
    expect(await slow.response).toMatch(/^HTTP\/1\.1 200/)
    expect(await service.store.get(key(task))).toEqual(JPEG)
  })
})
