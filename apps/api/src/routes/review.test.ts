import { addRevision, claimDeliveries, findTask, noEdits, type Task } from '@obscura/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, startService } from '../test/service.js'

let service: Service
/** Its creators may approve. */
let strict: Service
let token: string
let username: string

beforeAll(async () => {
  service = await startService()
  strict = await startService(given => ({ ...given, settings: { ...given.settings, fourEyes: true } }))
  service.startRendering()
  ;({ token, username } = await service.newUser())
})
afterAll(async () => {
  await service.close()
  await strict.close()
})

const WEBHOOK = 'https://example.com/hook'

async function doneTask(parameters: object = { review: true, webhook: WEBHOOK }, on = service, by = token): Promise<Task> {
  const { task_id, customer_id, upload_url } = await on.create(by, { binary_segmentation_mask: true, ...parameters })
  await on.upload(upload_url)
  await on.status(by, task_id)
  await on.complete(task_id, [{ class: 'face', score: 0.9, box: [1, 2, 5, 6], anonymised: true }], 'jpeg')
  return (await findTask(on.db, customer_id, task_id))!
}

const call = (method: string, task: Pick<Task, 'id'>, path: string, body?: unknown, headers = {}, as = token) =>
  service.request(method, `/v2/task/${task.id}${path}`, { token: as, body, headers })
const queued = async ({ id }: Task) => (await service.db.query('select from webhook_deliveries where task_id = $1', [id])).length

describe('a task with review', () => {
  it('is done, but shows no results and sends no webhook until it is approved', async () => {
    const task = await doneTask()
    expect((await call('GET', task, '/status')).body).toEqual({
      ...{ task_id: task.id, task_status: 'done', review_status: 'pending', delete_time: null },
      ...{ webhook: WEBHOOK, webhook_status: 'set' },
    })
    const { body } = await call('GET', task, '')
    expect(body).toMatchObject({ task_status: 'done', review_status: 'pending', review: true })
    for (const url of ['anonymized_url', 'binary_segmentation_mask_url', 'metadata_url']) expect(body).not.toHaveProperty(url)
    expect((await call('GET', task, '/metadata')).status).toBe(204)
    expect(await queued(task)).toBe(0)

    const review = (await call('GET', task, '/review')).body
    expect(review).toMatchObject({ review_status: 'pending', reviewer: null, reason: null, review_time: null, revision: 0 })
    expect((await service.request('GET', review.anonymized_url)).body).toBe('anonymized')
    const approved = await call('POST', task, '/approve', undefined, { 'if-match': '"0"' })
    expect(approved).toMatchObject({ status: 200, body: { review_status: 'approved', reviewer: username } })
    expect((await call('GET', task, '/status')).body).toMatchObject({
      review_status: 'approved',
      anonymized_url: expect.any(String),
    })
    expect((await call('GET', task, '/metadata')).status).toBe(200)
    expect(await queued(task)).toBe(1)
    expect((await claimDeliveries(service.db, 100, 60)).map(({ task: { id } }) => id)).toContain(task.id)
  })

  it('that is rejected says why, stays held back, and can be approved after a correction', async () => {
    const task = await doneTask()
    await call('POST', task, '/approve')
    const reason = 'A plate is readable <script>alert(1)</script> \u{1F600}'
    expect((await call('POST', task, '/reject', { reason })).body).toMatchObject({ review_status: 'rejected', reason })
    expect(await queued(task)).toBe(0)
    expect((await call('GET', task, '/status')).body).not.toHaveProperty('anonymized_url')
    await call('POST', task, '/corrections', { add: [{ class: 'license_plate', box: [0, 0, 9, 9] }] })
    expect((await call('GET', task, '/review')).body).toMatchObject({ review_status: 'pending', reason: null, revision: 1 })
    expect((await call('POST', task, '/approve', undefined, { 'if-match': '"0"' })).status).toBe(409)
    expect((await call('POST', task, '/approve', undefined, { 'if-match': '"1"' })).status).toBe(200)
    expect(await queued(task)).toBe(1)
  })

  it('cannot be approved while its newest revision is not rendered', async () => {
    const task = await doneTask({ review: true }, strict, (await strict.newUser()).token)
    await addRevision(strict.db, task, { userId: task.createdBy!, username: 'x' }, undefined, async ({ parameters }) => ({
      ...{ parameters, edits: noEdits(1), changes: { removed: [], added: [], changed: [], parameters: {} } },
    }))
    const reviewer = (await strict.newUser(await customerOf(task))).token
    expect((await strict.request('POST', `/v2/task/${task.id}/approve`, { token: reviewer })).status).toBe(409)
  })

  it('with four eyes is approved by another user than its creator', async () => {
    const { token: creator, customer } = await strict.newUser()
    const colleague = (await strict.newUser(customer)).token
    const { id } = await doneTask({ review: true }, strict, creator)
    expect(await strict.request('POST', `/v2/task/${id}/approve`, { token: creator })).toMatchObject({
      status: 403,
      body: { error: 'Could not approve the task. A user who neither created it nor corrected it last must approve it.' },
    })
    expect((await strict.request('POST', `/v2/task/${id}/approve`, { token: colleague })).status).toBe(200)
  })

  it('with four eyes is not approved by the user who corrected it last either, but by one who has seen all of it', async () => {
    strict.startRendering()
    const { token: creator, customer } = await strict.newUser()
    const [corrector, reviewer] = [(await strict.newUser(customer)).token, (await strict.newUser(customer)).token]
    const { id } = await doneTask({ review: true }, strict, creator)
    const as = (user: string, path: string, body?: unknown) =>
      strict.request('POST', `/v2/task/${id}${path}`, { token: user, body })
    expect((await as(corrector, '/corrections', { remove: [0] })).status).toBe(200)
    for (const user of [corrector, creator]) expect((await as(user, '/approve')).status).toBe(403)
    expect((await as(corrector, '/reject', { reason: 'A face.' })).status).toBe(200)
    expect((await as(reviewer, '/corrections', { revert: 0 })).status).toBe(200)
    expect((await as(reviewer, '/approve')).status).toBe(403)
    expect(await as(corrector, '/approve')).toMatchObject({ status: 200, body: { review_status: 'approved', revision: 2 } })
  })

  it('is listed with its review_status, and by it', async () => {
    const { token: mine } = await service.newUser()
    const [pending, approved, plain] = [
      await doneTask({ review: true }, service, mine),
      await doneTask({ review: true }, service, mine),
      await doneTask({}, service, mine),
    ]
    await call('POST', approved, '/approve', undefined, {}, mine)
    const list = async (query: string) =>
      (await service.request('GET', `/v2/task/list?create_time_after=2020-01-01${query}`, { token: mine })).body
    const statuses = (await list('')).items.map((item: { review_status?: string }) => item.review_status)
    expect(statuses).toEqual(['pending', 'approved', undefined])
    expect(
      (await list('&review_status=pending&task_status=done')).items.map((item: { task_id: number }) => item.task_id),
    ).toEqual([pending.id])
    expect((await list('&review_status=open')).error).toMatch(/one of \['pending', 'approved', 'rejected'\]/)
    expect((await call('POST', plain, '/approve', undefined, {}, mine)).status).toBe(409)
    expect((await call('GET', plain, '/status', undefined, {}, mine)).body).not.toHaveProperty('review_status')
  })

  it.each([undefined, '{}', '{"reason": ""}', '{"reason": "\\u0000"}', JSON.stringify({ reason: 'x'.repeat(1001) })])(
    'is not rejected with the body %s',
    async body => {
      expect((await call('POST', await doneTask(), '/reject', body)).body.error).toMatch(
        /must be {"reason": "..."} with 1 to 1000/,
      )
    },
  )

  it('of another customer can be neither seen nor decided, and a deleted one keeps nothing of its review', async () => {
    const task = await doneTask()
    await call('POST', task, '/reject', { reason: 'A readable plate.' })
    const stranger = (await service.newUser()).token
    for (const [method, path] of [
      ['GET', '/review'],
      ['POST', '/approve'],
      ['POST', '/reject'],
    ])
      expect((await call(method, task, path, method === 'GET' ? undefined : { reason: 'x' }, {}, stranger)).body.error).toMatch(
        /^Task ID not found/,
      )
    await call('DELETE', task, '/files')
    expect((await call('GET', task, '/review')).status).toBe(404)
    expect(await findTask(service.db, task.customerId, task.id)).toMatchObject({
      reviewReason: null,
      reviewer: null,
      createdBy: null,
    })
  })
})

async function customerOf({ customerId }: Task): Promise<string> {
  const [{ name }] = await strict.db.query<{ name: string }>('select name from customers where id = $1', [customerId])
  return name
}
