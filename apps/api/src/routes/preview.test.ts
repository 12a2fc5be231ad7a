import { expect, test } from 'vitest'
import { useTaskClient } from '../test/tasks.js'

const client = useTaskClient()
const preview = (id: number, options = {}) =>
  client.service.request('GET', `/v2/task/${id}/preview`, { token: client.token, ...options })

test('a done task has a preview, which a private cache may show after it has asked', async () => {
  const { task_id } = await client.done()
  const first = await preview(task_id)
  expect(first).toMatchObject({ status: 200, body: 'preview' })
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'content-type': 'image/jpeg',
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    etag: '"1-0"',
  })
  expect(first.headers.get('vary')).toMatch(/authorization/i)
  const again = await preview(task_id, { headers: { 'if-none-match': '"1-0"' } })
  expect(again).toMatchObject({ status: 304, body: '' })
})

test('the preview follows the revision that is shown', async () => {
  client.service.startRendering()
  const { task_id } = await client.done({}, [{ class: 'face', score: 0.9, box: [1, 2, 9, 8], anonymised: true }])
  const body = { remove: [0] }
  const corrected = await client.service.request('POST', `/v2/task/${task_id}/corrections`, { token: client.token, body })
  expect(corrected).toMatchObject({ status: 200, body: { rendering: 'done' } })
  const now = await preview(task_id, { headers: { 'if-none-match': '"1-0"' } })
  expect(now).toMatchObject({ status: 200, body: 'preview of []' })
  expect(now.headers.get('etag')).toBe('"1-1"')
})

test('a task has no preview while a review holds it back or has rejected it, and one once it is released', async () => {
  const { task_id } = await client.done({ review: true })
  const verdict = (name: string, body?: object) =>
    client.service.request('POST', `/v2/task/${task_id}/${name}`, { token: client.token, body })
  const held = { headers: { 'if-none-match': '"1-0"' } }
  expect(await preview(task_id, held)).toMatchObject({ status: 404, body: { error: expect.stringContaining('review') } })
  await verdict('approve')
  expect((await preview(task_id)).status).toBe(200)
  await verdict('reject', { reason: 'A face is left.' })
  expect((await preview(task_id, held)).status).toBe(404)
})

test('a task has no preview without an image, before it is done, after its deletion, or from an earlier release', async () => {
  const { service } = client
  const { task_id: waiting } = await client.uploaded()
  const { task_id: detected } = await client.done({ anonymization_method: 'detect' }, [], null)
  const { task_id: deleted } = await client.done()
  await client.deleteFiles(deleted)
  const { task_id: old, customer_id } = await client.done()
  await service.store.deletePrefix(`${customer_id}/${old}/1/preview`)
  for (const id of [waiting, detected, deleted, old]) {
    const answer = await preview(id)
    expect([id, answer.status, answer.headers.get('etag')]).toEqual([id, 404, null])
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }
})

test("another customer's preview cannot be distinguished from one that does not exist", async () => {
  const { task_id } = await client.done()
  const { token } = await client.service.newUser()
  const answers = await Promise.all([task_id, 123].map(id => preview(id, { token, headers: { 'if-none-match': '"1-0"' } })))
  expect(answers.map(({ status }) => status)).toEqual([400, 400])
  expect(answers[0].body.error).toBe(answers[1].body.error.replace('123', task_id))
  expect(answers[0].body).toEqual((await client.service.request('GET', `/v2/task/${task_id}`, { token })).body)
  expect((await client.service.request('GET', `/v2/task/${task_id}/preview`)).status).toBe(401)
})
