import {
  deleteStaleFiles,
  findTask,
  originalKey,
  regionsKey,
  type StoredDetection,
  type Task,
  takeDueTasks,
} from '@obscura/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JPEG, type Service, startService } from '../test/service.js'

let service: Service
let token: string
let username: string
let customer: string

beforeAll(async () => {
  service = await startService()
  service.startRendering()
  ;({ token, username, customer } = await service.newUser())
})
afterAll(() => service.close())

const FACES: StoredDetection[] = [
  { class: 'face', score: 0.9, box: [1, 2, 5, 6], anonymised: true },
  { class: 'face', score: 0.6, box: [10, 12, 15, 16], anonymised: true },
]

/** A task that is done, with two faces, and the customer that it belongs to. */
async function doneTask(parameters = {}): Promise<Task> {
  const { task_id, customer_id, upload_url } = await service.create(token, parameters)
  await service.upload(upload_url)
  await service.status(token, task_id)
  await service.complete(task_id, FACES, 'jpeg')
  return (await findTask(service.db, customer_id, task_id))!
}

const correct = (id: number, body: unknown, headers: Record<string, string> = {}, as = token) =>
  service.request('POST', `/v2/task/${id}/corrections`, { token: as, body, headers })
const detections = (id: number, query = '') => service.request('GET', `/v2/task/${id}/detections${query}`, { token })
const metadata = async (id: number) => (await service.request('GET', `/v2/task/${id}/metadata`, { token })).body.detections
const image = async (id: number) => {
  const { anonymized_url } = await service.status(token, id)
  return (await service.request('GET', anonymized_url)).body
}

describe('GET detections', () => {
  it('lists regions with stable IDs and outlines', async () => {
    const { id } = await doneTask()
    const response = await detections(id)
    expect(response.headers.get('etag')).toBe('"0"')
    expect(response).toMatchObject({
      status: 200,
      body: { task_id: id, revision: 0, rendered_revision: 0, rendering: 'done', width: 40, height: 30 },
    })
    expect(response.body.regions).toHaveLength(2)
    expect(response.body.regions[0]).toEqual({
      id: 0,
      class: 'face',
      score: 0.9,
      source: 'detector',
      box: [1, 2, 5, 6],
      shape: 'rectangle',
      mask: {
        top: 2,
        rows: [
          [1, 5],
          [1, 5],
          [1, 5],
          [1, 5],
        ],
      },
    })
  })

  it('is refused for a task that is not done, was deleted, or has no such revision', async () => {
    const fresh = await service.create(token)
    expect(await detections(fresh.task_id)).toMatchObject({
      status: 409,
      body: { error: `Task with ID ${fresh.task_id} is not done.` },
    })
    const { id } = await doneTask()
    for (const revision of ['1', 'x', '99999999999'])
      expect((await detections(id, `?revision=${revision}`)).body.error).toBe(`There is no revision ${revision} of the task.`)
    await service.request('DELETE', `/v2/task/${id}/files`, { token })
    expect((await detections(id)).status).toBe(404)
  })
})

describe('a correction', () => {
  it('makes a new revision that image, metadata and parameters follow', async () => {
    const { id } = await doneTask()
    const body = {
      remove: [0],
      add: [{ class: 'license_plate', box: [20, 20, 30, 25] }],
      change: [{ id: 1, class: 'person', method: 'blacken' }],
      parameters: { quality: 70 },
    }
    const response = await correct(id, body, { 'if-match': '"0"' })
    expect(response).toMatchObject({ status: 200, body: { task_id: id, revision: 1, rendered_revision: 1, rendering: 'done' } })
    expect(response.headers.get('etag')).toBe('"1"')
    expect(await image(id)).toBe('[1,2]')
    expect((await metadata(id)).map((entry: { id: number; type_label: string }) => [entry.id, entry.type_label])).toEqual([
      [1, 'person'],
      [2, 'license-plate'],
    ])
    expect((await service.request('GET', `/v2/task/${id}`, { token })).body.quality).toBe('70')
    expect((await detections(id)).body.regions.map((region: { id: number }) => region.id)).toEqual([1, 2])
    expect((await detections(id, '?revision=0')).body.regions.map((region: { id: number }) => region.id)).toEqual([0, 1])
  })

  it('is recorded with who, when and what, and can be reverted without using an ID twice', async () => {
    const { id } = await doneTask()
    await correct(id, { remove: [1], add: [{ class: 'face', box: [0, 0, 4, 4] }] })
    expect((await correct(id, { revert: 0 })).body).toMatchObject({ revision: 2, rendering: 'done' })
    expect(await image(id)).toBe('[0,1]')
    await correct(id, { add: [{ class: 'face', box: [0, 0, 4, 4] }] })
    expect(await image(id)).toBe('[0,1,3]')
    const { body } = await service.request('GET', `/v2/task/${id}/corrections`, { token })
    const who = { username, create_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/) }
    const nothing = { removed: [], added: [], changed: [], parameters: {} }
    expect(body).toEqual({
      task_id: id,
      items: [
        { ...who, ...nothing, revision: 1, removed: [1], added: [2] },
        { ...who, ...nothing, revision: 2, reverted: 0 },
        { ...who, ...nothing, revision: 3, added: [3] },
      ],
    })
  })

  it('of an older revision is refused, and changes nothing', async () => {
    const { id } = await doneTask()
    await correct(id, { remove: [0] }, { 'if-match': '"0"' })
    expect(await correct(id, { remove: [1] }, { 'if-match': '"0"' })).toMatchObject({
      status: 409,
      body: { status_code: 409, error: expect.stringContaining('Its newest revision is 1, not the one of If-Match') },
    })
    expect((await correct(id, { remove: [1] }, { 'if-match': 'W/"abc"' })).status).toBe(400)
    expect(await image(id)).toBe('[1]')
  })

  it('sent a hundred at once are applied one after the other, and none is lost', async () => {
    const { id } = await doneTask()
    const box = (i: number) => [i % 30, 0, (i % 30) + 2, 2]
    const responses = await Promise.all(
      Array.from({ length: 100 }, (_, i) => correct(id, { add: [{ class: 'face', box: box(i) }] })),
    )
    const revisions = responses.map(({ body }) => body.revision).sort((a, b) => a - b)
    expect(revisions).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect((await detections(id)).body).toMatchObject({ revision: 100, rendered_revision: 100, rendering: 'done' })
    expect(JSON.parse(await image(id))).toHaveLength(102)
    const { body } = await service.request('GET', `/v2/task/${id}/corrections`, { token })
    expect(body.items.map(({ revision }: { revision: number }) => revision)).toEqual(revisions)
    expect(new Set(body.items.flatMap(({ added }: { added: number[] }) => added)).size).toBe(100)
  })

  it('sent a hundred at once for one revision: one is accepted', async () => {
    const { id } = await doneTask()
    const responses = await Promise.all(
      Array.from({ length: 100 }, () => correct(id, { add: [{ class: 'face', box: [0, 0, 2, 2] }] }, { 'if-match': '"0"' })),
    )
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...new Array(99).fill(409)])
  })

  it.each([
    [{ remove: [2] }, 'There is no region 2.'],
    [{ revert: 1 }, 'There is no revision 1.'],
    [{ add: [{ class: 'face', box: [0, 0, 41, 4] }] }, 'Region 0 must lie inside the image of 40 x 30 pixels.'],
    [
      '{"remove": [0], "note": "\\u0000"}',
      'The body must have some of remove, add, change, parameters, revert, and nothing else.',
    ],
    [
      { parameters: { ignores: '[{"topLeftX":1,"topLeftY":1,"width":1,"height":1,"note":"\ud800"}]' } },
      'ignores received an unexpected value.',
    ],
  ])('%j is refused with the reason', async (body, cause) => {
    const { id } = await doneTask()
    expect(await correct(id, body)).toMatchObject({ status: 400, body: { error: `Could not correct the task. ${cause}` } })
  })

  it('with a huge body is refused before it is read', async () => {
    const { id } = await doneTask()
    expect((await correct(id, { remove: 'x'.repeat(2 * 1024 * 1024) })).status).toBe(413)
  })

  it('is refused when the original is gone or was replaced, or the regions were never stored', async () => {
    const replaced = await doneTask()
    await service.store.put(originalKey(replaced), Buffer.concat([JPEG, Buffer.from('new')]), 'image/jpeg')
    const gone = await doneTask()
    await service.store.deletePrefix(originalKey(gone))
    for (const { id } of [replaced, gone]) {
      const error = 'Could not correct the task. Its original was deleted or replaced: create a new task.'
      expect(await correct(id, { remove: [0] })).toMatchObject({ status: 410, body: { error } })
    }
    const old = await doneTask()
    await service.store.deletePrefix(regionsKey(old, old.attempt))
    expect(await correct(old.id, { remove: [0] })).toMatchObject({
      status: 409,
      body: { error: /processed before corrections .* or it has too many regions/ },
    })
    expect((await detections(old.id)).status).toBe(409)
  })

  it("of another customer's task is impossible, and so is reading its regions", async () => {
    const { id } = await doneTask()
    const stranger = (await service.newUser()).token
    const requests = [
      correct(id, { remove: [0] }, {}, stranger),
      service.request('GET', `/v2/task/${id}/corrections`, { token: stranger }),
      service.request('GET', `/v2/task/${id}/detections`, { token: stranger }),
    ]
    for (const response of await Promise.all(requests)) {
      expect(response).toMatchObject({ status: 400, body: { error: `Task ID not found. There is no task with task ID ${id}.` } })
    }
    expect((await service.request('POST', `/v2/task/${id}/corrections`, { body: {} })).status).toBe(401)
    const colleague = (await service.newUser(customer)).token
    expect((await correct(id, { remove: [0] }, {}, colleague)).status).toBe(200)
  })

  it('has the files of earlier revisions deleted after a while, and its record with the task', async () => {
    const task = await doneTask()
    await correct(task.id, { remove: [0] })
    await correct(task.id, { remove: [1] })
    await service.db.query(`update tasks set due_time = now() where id = $1`, [task.id])
    const due = await takeDueTasks(service.db, 100)
    await deleteStaleFiles(service, due.find(({ id }) => id === task.id)!)
    const prefix = `${task.customerId}/${task.id}/`
    expect(await service.store.list(prefix, 100)).toEqual(
      ['1/regions.json', '1/revision-2/anonymized.jpeg', '1/revision-2/preview.jpeg', 'original'].map(name => prefix + name),
    )
    expect(await image(task.id)).toBe('[]')
    await service.request('DELETE', `/v2/task/${task.id}/files`, { token })
    expect(await service.store.list(prefix, 100)).toEqual([])
    expect(await service.db.query('select from revisions where task_id = $1', [task.id])).toEqual([])
    expect((await service.request('GET', `/v2/task/${task.id}/corrections`, { token })).body.items).toEqual([])
  })
})
