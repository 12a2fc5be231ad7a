import { listLooks, setAdmin, uploadKey } from '@obscura/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JPEG, type Service, startService } from '../test/service.js'

let service: Service
let user: Awaited<ReturnType<Service['newUser']>>
let admin: Awaited<ReturnType<Service['newUser']>>

beforeAll(async () => {
  service = await startService()
  user = await service.newUser()
  admin = await service.newUser()
  await setAdmin(service.db, admin.username, true)
})
afterAll(() => service.close())

async function uploaded(parameters = {}): Promise<number> {
  const { task_id, upload_url } = await service.create(user.token, parameters)
  await service.upload(upload_url)
  await service.status(user.token, task_id)
  return task_id
}

const look = (taskId: number, token = user.token) => service.request('POST', `/v2/task/${taskId}/original`, { token })
const looks = async (taskId: number) => (await listLooks(service.db, { limit: 100, taskId })).map(({ action }) => action)

describe('POST /v2/task/{id}/original', () => {
  it('returns a URL for a few minutes, which no cache keeps, and records who looked', async () => {
    const id = await uploaded()
    const { status, body } = await look(id)
    expect(status).toBe(200)
    expect(body).toMatchObject({ task_id: id, original_url_expiration_duration: 300 })
    const response = await fetch(body.original_url)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(JPEG)
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    expect(await listLooks(service.db, { limit: 100, taskId: id })).toMatchObject([
      { action: 'original', username: user.username, customer: user.customer, taskId: id, address: '127.0.0.1' },
    ])
  })

  it('shows the file that failed of a failed task, never one that has replaced it', async () => {
    const id = await uploaded()
    const task = await service.claim(id)
    await service.fail(id, 'IMAGE_DEFECT')
    const shown = async () => (await service.request('GET', `/v2/task/${id}`, { token: user.token })).body.original_url
    expect((await look(id)).status).toBe(200)
    expect(await shown()).toEqual(expect.any(String))
    // As with an upload URL of an S3 server, which the service cannot refuse.
    await service.store.put(uploadKey(task), Buffer.concat([JPEG, JPEG]), 'image/jpeg')
    expect(await look(id)).toMatchObject({ status: 404, body: { error: expect.stringContaining('it was replaced') } })
    expect(await shown()).toBeUndefined()
  })

  it('refuses a URL whose cache header or expiry was changed', async () => {
    const { original_url } = (await look(await uploaded())).body
    const changed = [/private%2C\+no-store|private%2C%20no-store/, /expires=\d+|X-Amz-Expires=\d+/i]
    for (const part of changed) {
      expect(original_url).toMatch(part)
      expect(
        (await fetch(original_url.replace(part, (found: string) => found.replace(/.$/, last => (last === '1' ? '2' : '1')))))
          .status,
      ).toBe(403)
    }
  })

  it("does not show or record another customer's original, not even to an administrator", async () => {
    const id = await uploaded()
    const stranger = await service.newUser()
    for (const { token } of [stranger, admin])
      expect(await look(id, token)).toMatchObject({
        status: 400,
        body: { error: expect.stringContaining('no task with task ID') },
      })
    expect((await service.request('POST', `/v2/task/${id}/original`)).status).toBe(401)
    expect(await looks(id)).toEqual([])
  })

  it('says that nothing was uploaded, or that the files were deleted', async () => {
    const { task_id } = await service.create(user.token)
    expect(await look(task_id)).toMatchObject({
      status: 404,
      body: { error: expect.stringContaining('nothing was uploaded yet') },
    })
    const id = await uploaded()
    const { original_url } = (await look(id)).body
    await service.request('DELETE', `/v2/task/${id}/files`, { token: user.token })
    expect((await look(id)).status).toBe(404)
    expect((await fetch(original_url)).status).toBe(404)
    expect(await looks(id)).toEqual(['original'])
  })

  it('gives no URL when the look cannot be recorded', async () => {
    const faulty = await startService(dependencies => ({
      ...dependencies,
      db: {
        ...dependencies.db,
        query: async (sql, values) => {
          if (sql.includes('into audit_log')) throw new Error('disk full')
          return dependencies.db.query(sql, values)
        },
      },
    }))
    const { token } = await faulty.newUser()
    const { task_id, upload_url } = await faulty.create(token)
    await faulty.upload(upload_url)
    await faulty.status(token, task_id)
    for (const [method, path] of [
      ['POST', '/original'],
      ['GET', ''],
    ]) {
      const response = await faulty.request(method, `/v2/task/${task_id}${path}`, { token })
      expect(response.status).toBe(500)
      expect(JSON.stringify(response.body)).not.toContain('original_url')
    }
    await faulty.close()
  })
})

describe('GET /v2/task/{id}', () => {
  it('is recorded once a session for the URL of the original, and not when asked without it', async () => {
    const id = await uploaded()
    const get = (query = '') => service.request('GET', `/v2/task/${id}${query}`, { token: user.token })
    expect((await get('?original=false')).body).not.toHaveProperty('original_url')
    expect(await looks(id)).toEqual([])
    expect((await get()).body).toHaveProperty('original_url')
    await get()
    expect(await looks(id)).toEqual(['original_url'])
  })
})

describe('the review of a task', () => {
  it('records results that are held back like originals, and released ones not at all', async () => {
    const id = await uploaded({ review: true })
    await service.complete(id, [], 'jpeg')
    const held = (await service.request('GET', `/v2/task/${id}/review`, { token: user.token })).body
    expect((await fetch(held.anonymized_url)).headers.get('cache-control')).toBe('private, no-store')
    expect(held.anonymized_url).toMatch(/X-Amz-Expires=300|expires=/)
    expect(await looks(id)).toEqual(['held_back'])
    const read = await service.request('GET', `/v2/task/${id}/review?ahead=true`, { token: user.token })
    expect([read.status, await looks(id)]).toEqual([200, ['read_ahead', 'held_back']])
    const approved = (await service.request('POST', `/v2/task/${id}/approve`, { token: user.token })).body
    expect((await fetch(approved.anonymized_url)).headers.get('cache-control')).not.toBe('private, no-store')
    expect(await looks(id)).toEqual(['read_ahead', 'held_back'])
  })
})

describe('GET /v2/admin/audit', () => {
  const list = (query: string, token = admin.token) => service.request('GET', `/v2/admin/audit${query}`, { token })

  it('lists looks page by page, newest first', async () => {
    const id = await uploaded()
    for (let i = 0; i < 3; i++) await look(id)
    const first = (await list(`?task_id=${id}&limit=2`)).body
    const second = (await list(`?task_id=${id}&limit=2&next_page_key=${first.next_page_key}`)).body
    expect(first.items).toHaveLength(2)
    expect(second).toMatchObject({ items: [{ action: 'original', task_id: id, username: user.username }], next_page_key: null })
    expect(first.items[1].id).toBeGreaterThan(second.items[0].id)
  })

  it('is refused to everybody else, and bad values are explained', async () => {
    expect(await list('', user.token)).toMatchObject({ status: 403, body: { error: expect.stringContaining('administrators') } })
    expect((await service.request('GET', '/v2/admin/audit')).status).toBe(401)
    expect((await list('?limit=many')).status).toBe(400)
    await setAdmin(service.db, admin.username, false)
    expect((await list('')).status).toBe(403)
    await setAdmin(service.db, admin.username, true)
  })
})
