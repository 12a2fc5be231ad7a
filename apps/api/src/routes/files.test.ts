import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { talk } from '../test/raw-client.js'
import { JPEG, PNG, type Service, startService } from '../test/service.js'

let service: Service
let token: string

beforeAll(async () => {
  service = await startService()
  token = (await service.newUser()).token
})
afterAll(() => service.close())

/** With S3 as the store, clients talk to it directly, so its responses are not ours to test. */
const embedded = !process.env.S3_ENDPOINT

const create = (parameters = {}) => service.create(token, parameters)
const originalKey = (task: { customer_id: string; task_id: number }) => `${task.customer_id}/${task.task_id}/original`
const etagOf = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

describe('PUT upload_url', () => {
  it.each([
    ['no type', undefined, JPEG, 'queued'],
    ['image/jpeg', 'image/jpeg', JPEG, 'queued'],
    ['image/jpg', 'image/jpg', JPEG, 'queued'],
    ['image/png', 'image/png', PNG, 'queued'],
    ['Image/PNG; x=y', 'Image/PNG; x=y', PNG, 'queued'],
    ['image/png for a JPEG', 'image/png', JPEG, 'queued'],
    ['application/octet-stream', 'application/octet-stream', JPEG, 'queued'],
    ['binary/octet-stream', 'binary/octet-stream', PNG, 'queued'],
    ['a form, as axios and curl --data-binary say', 'application/x-www-form-urlencoded', JPEG, 'queued'],
    ['text/plain', 'text/plain', JPEG, 'failed'],
    ['application/json', 'application/json', JPEG, 'failed'],
    ['image/gif', 'image/gif', JPEG, 'failed'],
    ['multipart/form-data', 'multipart/form-data; boundary=x', JPEG, 'failed'],
    ['an invalid type', 'jpeg', JPEG, 'failed'],
  ])('answers 200 with an empty body for %s', async (_what, type, content, status) => {
    const task = await create()
    const response = await service.upload(task.upload_url, content, type === undefined ? {} : { 'content-type': type })
    expect(response).toMatchObject({ status: 200, body: '' })
    if (embedded) expect(response.headers.get('etag')).toBe(`"${etagOf(content)}"`)
    const after = await service.status(token, task.task_id)
    if (status === 'queued') {
      expect(after).toMatchObject({ task_status: 'queued' })
      expect(await service.store.get(originalKey(task))).toEqual(content)
    } else {
      expect(after).toMatchObject({ task_status: 'failed', failure_cause: 'CONTENT_TYPE_ERROR' })
      if (embedded) expect(await service.store.head(originalKey(task))).toBeUndefined()
    }
  })

  it('accepts an empty file, which the decoder will refuse', async () => {
    const task = await create()
    expect((await service.upload(task.upload_url, new Uint8Array())).status).toBe(200)
    expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'queued' })
  })

  it('lets a second file replace the first while the task waits for its start', async () => {
    const task = await create({ start_on: 'start_request' })
    await service.upload(task.upload_url, JPEG)
    expect((await service.upload(task.upload_url, PNG)).status).toBe(200)
    expect(await service.store.get(originalKey(task))).toEqual(PNG)
  })
})

describe.skipIf(!embedded)('PUT to the embedded store', () => {
  it('accepts and ignores a second file once the task is queued', async () => {
    const task = await create()
    await service.upload(task.upload_url, JPEG)
    const second = await service.upload(task.upload_url, PNG)
    expect(second).toMatchObject({ status: 200, body: '' })
    expect(second.headers.get('etag')).toBe(`"${etagOf(PNG)}"`)
    expect(await service.store.get(originalKey(task))).toEqual(JPEG)
  })

  it('keeps nothing that is uploaded after the deletion', async () => {
    const task = await create()
    await service.request('DELETE', `/v2/task/${task.task_id}/files`, { token })
    expect((await service.upload(task.upload_url)).status).toBe(200)
    expect(await service.store.list(`${task.customer_id}/${task.task_id}/`, 10)).toEqual([])
  })

  it('refuses a file that is too large with 413, whether the size is declared or not, and keeps nothing', async () => {
    const large = Buffer.alloc(1_000_001)
    const declared = await create()
    const response = await service.upload(declared.upload_url, large)
    expect(response).toMatchObject({ status: 413, body: expect.stringContaining('<Code>EntityTooLarge</Code>') })

    const streamed = await create()
    let sent = 0
    const body = new ReadableStream({
      async pull(controller) {
        // Slowly, so that the limit is exceeded long before the end.
        await sleep(2)
        controller.enqueue(Buffer.alloc(50_000))
        if (++sent === 100) controller.close()
      },
    })
    const init: RequestInit & { duplex: 'half' } = { method: 'PUT', body, duplex: 'half' }
    expect((await fetch(streamed.upload_url, init)).status).toBe(413)
    for (const task of [declared, streamed]) {
      expect(await service.store.head(originalKey(task))).toBeUndefined()
      expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'new' })
    }
    expect((await service.upload(declared.upload_url, large.subarray(1))).status).toBe(200)
  })

  it('reads no more than the limit of a file that is no longer wanted', async () => {
    const task = await create()
    await service.request('DELETE', `/v2/task/${task.task_id}/files`, { token })
    const init: RequestInit & { duplex: 'half' } = { method: 'PUT', duplex: 'half' }
    const send = (bytes: number) => fetch(task.upload_url, { ...init, body: new Blob([new Uint8Array(bytes)]).stream() })
    expect((await send(1_000_001)).status).toBe(413)
    expect((await send(1_000_000)).status).toBe(200)
  })

  it('accepts a chunked body, as a streaming fetch sends it', async () => {
    const task = await create()
    const body = new Blob([JPEG.subarray(0, 5), JPEG.subarray(5)]).stream()
    const init: RequestInit & { duplex: 'half' } = { method: 'PUT', body, duplex: 'half' }
    expect((await fetch(task.upload_url, init)).status).toBe(200)
    expect(await service.store.get(originalKey(task))).toEqual(JPEG)
  })
})

describe.skipIf(!embedded)('clients that speak HTTP by hand', () => {
  const head = (url: string, ...lines: string[]) =>
    [`PUT ${url.slice(service.url.length)} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n')

  it('waits for "100 Continue", as curl -T does', async () => {
    const task = await create()
    const response = await talk(service.url, [
      { send: head(task.upload_url, 'Expect: 100-continue', `Content-Length: ${JPEG.length}`) },
      { send: JPEG, after: '100 Continue' },
    ])
    expect(response).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
    expect(await service.store.get(originalKey(task))).toEqual(JPEG)
  })

  it('answers 413 immediately, without "100 Continue", for a file that is too large', async () => {
    const task = await create()
    const response = await talk(service.url, [{ send: head(task.upload_url, 'Expect: 100-continue', 'Content-Length: 5000000') }])
    expect(response).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('accepts chunks without a type', async () => {
    const task = await create()
    const chunk = Buffer.concat([Buffer.from(`${JPEG.length.toString(16)}\r\n`), JPEG, Buffer.from('\r\n0\r\n\r\n')])
    const response = await talk(service.url, [{ send: head(task.upload_url, 'Transfer-Encoding: chunked') }, { send: chunk }])
    expect(response).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(response).toMatch(/content-length: 0\r\n/i)
    expect(await service.store.get(originalKey(task))).toEqual(JPEG)
  })

  it('keeps nothing of an interrupted upload, and a second attempt works', async () => {
    const task = await create()
    const half = JPEG.subarray(0, 10)
    await talk(service.url, [{ send: head(task.upload_url, `Content-Length: ${JPEG.length}`) }, { send: half, cut: true }])
    await expect.poll(() => readdir(join(service.folder, 'files', 'temporary'))).toEqual([])
    expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'new' })
    expect((await service.upload(task.upload_url)).status).toBe(200)
  })
})

describe.skipIf(!embedded)('signed URLs', () => {
  const xml = (message: string) => ({
    status: 403,
    body: expect.stringMatching(new RegExp(`^<\\?xml.*<Error><Code>AccessDenied</Code><Message>${message}`, 's')),
  })

  it('expire', async () => {
    const task = await create()
    const key = originalKey(task)
    expect(await service.upload(await service.store.presignPut(key, -5))).toMatchObject(xml('Request has expired'))
    expect(await service.request('GET', await service.store.presignGet(key, -5))).toMatchObject(xml('Request has expired'))
  })

  it('cannot be altered', async () => {
    const [task, other] = [await create(), await create()]
    const url = new URL(task.upload_url)
    const longer = new URL(url)
    longer.searchParams.set('expires', '9999999999')
    const elsewhere = task.upload_url.replace(String(task.task_id), String(other.task_id))
    const unsigned = `${url.origin}${url.pathname}`
    for (const forged of [longer.href, elsewhere, unsigned, task.upload_url.slice(0, -2), `${task.upload_url}x`]) {
      expect(await service.upload(forged), forged).toMatchObject(xml(''))
    }
  })

  it('are valid for one method only', async () => {
    const task = await create()
    expect(await service.request('GET', task.upload_url)).toMatchObject(xml(''))
    const download = await service.store.presignGet(originalKey(task), 60)
    expect(await service.upload(download)).toMatchObject(xml(''))
    expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'new' })
  })

  it('answer 404 for a file that is gone', async () => {
    const url = await service.store.presignGet(originalKey(await create()), 60)
    expect(await service.request('GET', url)).toMatchObject({ status: 404, body: expect.stringContaining('NoSuchKey') })
  })

  it('return the file with its type and length, for GET and HEAD', async () => {
    const task = await create()
    await service.upload(task.upload_url, PNG)
    const url = await service.store.presignGet(originalKey(task), 60, 'image/png')
    const got = await fetch(url)
    expect(Buffer.from(await got.arrayBuffer())).toEqual(PNG)
    const asked = await fetch(url, { method: 'HEAD' })
    for (const { status, headers } of [got, asked]) {
      expect(status).toBe(200)
      expect(headers.get('content-type')).toBe('image/png')
      expect(headers.get('content-length')).toBe(String(PNG.length))
    }
  })

  it('return parts of the file, and 304 to clients that have it already', async () => {
    const task = await create()
    await service.upload(task.upload_url, PNG)
    const url = await service.store.presignGet(originalKey(task), 60, 'image/png')
    const etag = `"${etagOf(PNG)}"`
    const part = await fetch(url, { headers: { range: 'bytes=4-', 'if-range': etag } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 4-${PNG.length - 1}/${PNG.length}`])
    expect(Buffer.from(await part.arrayBuffer())).toEqual(PNG.subarray(4))
    const other = await fetch(url, { headers: { range: 'bytes=4-', 'if-range': '"another"' } })
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, PNG.length])
    const beyond = await fetch(url, { headers: { range: `bytes=${PNG.length}-` } })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${PNG.length}`])
    expect(await beyond.text()).toContain('<Code>InvalidRange</Code>')
    const known = await fetch(url, { headers: { 'if-none-match': etag } })
    expect([known.status, await known.text()]).toEqual([304, ''])
  })

  it('never let a browser execute an uploaded file', async () => {
    const task = await create()
    await service.upload(task.upload_url, Buffer.from('<script>'))
    const { original_url } = (await service.request('GET', `/v2/task/${task.task_id}`, { token })).body
    const { headers } = await fetch(original_url)
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})
