import { createTime, type FailureCause, type StoredDetection } from '@obscura/shared'
import Value from 'typebox/value'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DeletedAnswer, ListAnswer, MetadataAnswer, StatusAnswer, TaskAnswer, UsageAnswer } from '../schemas.js'
import { JPEG, type RequestOptions, type Service, startService } from '../test/service.js'

let service: Service
let token: string

beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())
beforeEach(async () => {
  token = (await service.newUser()).token
})

const get = (path: string) => service.request('GET', path, { token })
const start = (id: number, options: RequestOptions = {}) => service.request('POST', `/v2/task/${id}/start`, { token, ...options })
const deleteFiles = (id: number, options: RequestOptions = {}) =>
  service.request('DELETE', `/v2/task/${id}/files`, { token, ...options })

async function uploaded(parameters = {}) {
  const task = await service.create(token, parameters)
  await service.upload(task.upload_url)
  // Where clients upload to S3, their first status request detects the file.
  await service.status(token, task.task_id)
  return task
}

async function done(parameters = {}, detections: StoredDetection[] = [], format: 'jpeg' | 'png' | null = 'jpeg') {
  const task = await uploaded(parameters)
  await service.complete(task.task_id, detections, format ?? undefined)
  return task
}

const face: StoredDetection = { class: 'face', score: 0.9993, box: [619, 639, 794, 813], anonymised: true }

describe('what all endpoints of one task refuse', () => {
  const endpoints = [
    ['GET', ''],
    ['GET', '/status'],
    ['GET', '/metadata'],
    ['POST', '/start'],
    ['DELETE', '/files'],
  ]

  it.each(endpoints)('%s /v2/task/{id}%s: an ID that is not an integer, and one that does not exist', async (method, rest) => {
    for (const id of ['abc', '1.5', '12x', 'x'.repeat(500)]) {
      const answer = await service.request(method, `/v2/task/${id}${rest}`, { token })
      expect(answer.status).toBe(400)
      expect(answer.body).toEqual({ status_code: 400, error: `Wrong format for Task ID. ${id} is not an integer.` })
    }
    for (const id of ['1690264444814157', '0', '-1', '99999999999999999999']) {
      const answer = await service.request(method, `/v2/task/${id}${rest}`, { token })
      expect(answer.status).toBe(400)
      expect(answer.body).toEqual({ status_code: 400, error: `Task ID not found. There is no task with task ID ${id}.` })
    }
  })

  it.each(endpoints)("%s /v2/task/{id}%s: another customer's task", async (method, rest) => {
    const { task_id } = await service.create(token)
    const stranger = (await service.newUser()).token
    const answer = await service.request(method, `/v2/task/${task_id}${rest}`, { token: stranger })
    expect(answer.status).toBe(400)
    expect(answer.body.error).toBe(`Task ID not found. There is no task with task ID ${task_id}.`)
  })

  it('a task without an id', async () => {
    for (const path of ['/v2/task', '/v2/task/']) {
      expect(await get(path)).toMatchObject({
        status: 400,
        body: { status_code: 400, error: 'Getting task results failed. Please enter a task ID.' },
      })
    }
  })
})

describe('GET /v2/task/{id}/status', () => {
  it('distinguishes new, queued, processing and done tasks', async () => {
    const task = await service.create(token)
    const common = { task_id: task.task_id, delete_time: null, webhook: null, webhook_status: 'empty' }
    expect(await service.status(token, task.task_id)).toEqual({ ...common, task_status: 'new' })
    await service.upload(task.upload_url)
    expect(await service.status(token, task.task_id)).toEqual({ ...common, task_status: 'queued' })
    await service.claim(task.task_id)
    expect(await service.status(token, task.task_id)).toEqual({ ...common, task_status: 'processing' })
    await service.complete(task.task_id, [], 'jpeg')
    const body = await service.status(token, task.task_id)
    expect(body).toEqual({
      ...common,
      task_status: 'done',
      anonymized_url: expect.stringMatching(/^https?:/),
      anonymized_url_expiration_duration: 14400,
      metadata_url: `${service.url}/v2/task/${task.task_id}/metadata`,
    })
    expect(Value.Check(StatusAnswer, body)).toBe(true)
  })

  it.each(['IMAGE_DEFECT', 'TASK_FILE_DOESNT_EXIST', 'INTERNAL_ERROR', 'CONTENT_TYPE_ERROR', 'PARAMETER_ERROR_FORMAT'])(
    'names the failure cause %s, as GET task does',
    async cause => {
      const { task_id } = await uploaded()
      await service.fail(task_id, cause as FailureCause)
      for (const path of [`/v2/task/${task_id}/status`, `/v2/task/${task_id}`]) {
        expect((await get(path)).body).toMatchObject({ task_status: 'failed', failure_cause: cause })
      }
      expect(await service.status(token, task_id)).not.toHaveProperty('anonymized_url')
    },
  )

  it('detects an upload that was not announced', async () => {
    const task = await service.create(token)
    const key = `${task.customer_id}/${task.task_id}/original`
    await service.store.put(key, JPEG, 'image/jpeg')
    expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'queued' })
  })
})

describe('GET /v2/task/{id}', () => {
  it('answers with numbers as text and new URLs of all existing files', async () => {
    const webhook = 'https://example.com/webhook/dev?param=test'
    const task = await done({ webhook, face_threshold: 0.9, binary_segmentation_mask: true, instance_segmentation_mask: true })
    const { status, body } = await get(`/v2/task/${task.task_id}/`)
    expect(status).toBe(200)
    expect(Value.Check(TaskAnswer, body)).toBe(true)
    expect(body).toMatchObject({
      task_id: String(task.task_id),
      create_time: createTime(task.task_id),
      delete_time: null,
      task_status: 'done',
      debug: false,
      anonymization_method: 'blur',
      face: true,
      ignores: '',
      mask_scale: '100',
      quality: '90',
      compress_level: '5',
      kernel_size_face: '0.35',
      kernel_size_person: '91',
      kernel_size_license_plate: '0.5',
      kernel_size_vehicle: '61',
      face_anonymization_gradient_start: '0.3',
      face_anonymization_gradient_stop: '0',
      extraction_types: [],
      face_threshold: '0.9',
      anonymized_url_expiration_duration: 14400,
      webhook,
      webhook_status: 'set',
      binary_segmentation_mask: true,
      metadata_url: `${service.url}/v2/task/${task.task_id}/metadata`,
      progress: 1,
      timings: { detect: 12.5 },
      warnings: ['The image is truncated.'],
    })
    const files = ['original_url', 'anonymized_url', 'binary_segmentation_mask_url', 'instance_segmentation_mask_url']
    const contents = await Promise.all(files.map(async name => Buffer.from(await (await fetch(body[name])).arrayBuffer())))
    expect(contents.map(String)).toEqual([String(JPEG), 'anonymized', 'binary', 'instance'])
  })

  it('shows no URL before a file exists, and no mask that was not requested', async () => {
    const fresh = await service.create(token)
    const before = (await get(`/v2/task/${fresh.task_id}`)).body
    expect(Object.keys(before).filter(key => key.endsWith('_url'))).toEqual([])
    const task = await done()
    const after = (await get(`/v2/task/${task.task_id}`)).body
    expect(
      Object.keys(after)
        .filter(key => key.endsWith('_url'))
        .sort(),
    ).toEqual(['anonymized_url', 'metadata_url', 'original_url'])
  })

  it('has no image for the method detect, but masks and metadata', async () => {
    const task = await done({ anonymization_method: 'detect', binary_segmentation_mask: true }, [face], null)
    const { body } = await get(`/v2/task/${task.task_id}`)
    expect(body).not.toHaveProperty('anonymized_url')
    expect(body).toMatchObject({ task_status: 'done', binary_segmentation_mask_url: expect.any(String) })
  })
})

describe('POST /v2/task/{id}/start', () => {
  it('queues a task that waited for it, with the body of the status', async () => {
    const task = await uploaded({ start_on: 'start_request' })
    expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'new' })
    const { status, body } = await start(task.task_id)
    expect(status).toBe(200)
    expect(Value.Check(StatusAnswer, body)).toBe(true)
    expect(body).toMatchObject({ task_id: task.task_id, task_status: 'queued' })
  })

  it.each<RequestOptions>([
    {},
    { body: '{}', headers: { 'content-type': 'application/json' } },
    { headers: { 'content-type': 'application/json' } },
    { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  ])('takes the request in the form %j', async options => {
    const task = await uploaded({ start_on: 'start_request' })
    expect((await start(task.task_id, options)).status).toBe(200)
  })

  it('does not change a task that is queued, done or failed', async () => {
    const task = await uploaded()
    expect((await start(task.task_id)).body.task_status).toBe('queued')
    await service.complete(task.task_id, [], 'jpeg')
    expect((await start(task.task_id)).body).toMatchObject({ task_status: 'done', anonymized_url: expect.any(String) })
  })

  it('fails a task without a file', async () => {
    const task = await service.create(token, { start_on: 'start_request' })
    expect(await start(task.task_id)).toMatchObject({
      status: 200,
      body: { task_status: 'failed', failure_cause: 'TASK_FILE_DOESNT_EXIST' },
    })
  })

  it('refuses a deleted task', async () => {
    const task = await uploaded()
    await deleteFiles(task.task_id)
    const answer = await start(task.task_id)
    expect(answer.status).toBe(404)
    expect(answer.body).toEqual({ status_code: 404, error: 'Task is deleted. Please upload a new task.' })
  })
})

describe('GET /v2/task/{id}/metadata', () => {
  it('lists the detections in the documented form', async () => {
    const plate: StoredDetection = { class: 'license_plate', score: 0.5, box: [1.5, 2, 3, 4], anonymised: false }
    const task = await done({}, [face, plate])
    const { status, body } = await get(`/v2/task/${task.task_id}/metadata`)
    expect(status).toBe(200)
    expect(Value.Check(MetadataAnswer, body)).toBe(true)
    expect(body).toEqual({
      task_id: task.task_id,
      detections: [
        {
          score: 0.9993,
          offset: [619, 639],
          color: null,
          bbox: [619, 639, 794, 813],
          parent_image: '',
          id: 0,
          type_label: 'face',
          type: 103,
          is_anonymised: true,
        },
        expect.objectContaining({ id: 1, type_label: 'license-plate', type: 102, offset: [1.5, 2], is_anonymised: false }),
      ],
    })
  })

  it('answers 204 without a body when there are no detections or the task is not done', async () => {
    const nothing = await done()
    const waiting = await uploaded()
    const failed = await uploaded()
    await service.fail(failed.task_id, 'IMAGE_DEFECT')
    const deleted = await done({}, [face])
    await deleteFiles(deleted.task_id)
    for (const { task_id } of [nothing, waiting, failed, deleted]) {
      expect(await get(`/v2/task/${task_id}/metadata`)).toMatchObject({ status: 204, body: '' })
    }
  })
})

describe('DELETE /v2/task/{id}/files', () => {
  it('deletes the files, keeps the task, and names the id as text', async () => {
    const task = await done({ binary_segmentation_mask: true, name: 'Maria', webhook: 'https://example.com/?token=1' })
    const urls = (await get(`/v2/task/${task.task_id}`)).body
    const { status, body } = await deleteFiles(task.task_id)
    expect(status).toBe(200)
    expect(Value.Check(DeletedAnswer, body)).toBe(true)
    expect(body).toEqual({ files_deleted: true, task_id: String(task.task_id) })
    for (const url of [urls.original_url, urls.anonymized_url, urls.binary_segmentation_mask_url]) {
      expect((await fetch(url)).status).toBe(404)
    }
    const after = (await get(`/v2/task/${task.task_id}`)).body
    expect(Value.Check(TaskAnswer, after)).toBe(true)
    expect(after).toMatchObject({
      task_status: 'deleted',
      name: null,
      webhook: null,
      delete_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/),
    })
    expect(Object.keys(after).filter(key => key.endsWith('_url'))).toEqual([])
    expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'deleted', delete_time: after.delete_time })
  })

  it('refuses a second time, and deletes what was uploaded since', async () => {
    const task = await service.create(token)
    await deleteFiles(task.task_id)
    expect((await service.upload(task.upload_url)).status).toBe(200)
    const key = `${task.customer_id}/${task.task_id}/original`
    await service.store.put(key, JPEG, 'image/jpeg')
    const again = await deleteFiles(task.task_id)
    expect(again.status).toBe(400)
    expect(again.body).toEqual({ status_code: 400, error: `Task with ID ${task.task_id} already deleted.` })
    expect(await service.store.head(key)).toBeUndefined()
  })

  it('accepts an empty body declared as JSON', async () => {
    const task = await uploaded()
    expect((await deleteFiles(task.task_id, { headers: { 'content-type': 'application/json' } })).status).toBe(200)
  })

  it('deletes a task in progress, whose result is then discarded', async () => {
    const task = await uploaded()
    await service.claim(task.task_id)
    expect((await deleteFiles(task.task_id)).status).toBe(200)
    await expect(service.complete(task.task_id, [], 'jpeg')).rejects.toThrow('lease')
    expect(await service.status(token, task.task_id)).toMatchObject({ task_status: 'deleted' })
  })
})

describe('GET /v2/task/list', () => {
  const today = () => new Date().toISOString().slice(0, 10)
  const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)

  it('pages through the tasks, oldest first', async () => {
    const ids: number[] = []
    for (let i = 0; i < 23; i++) ids.push((await service.create(token)).task_id)
    const first = await get(`/v2/task/list?create_time_after=${today()}&limit=5`)
    expect(first.status).toBe(200)
    expect(Value.Check(ListAnswer, first.body)).toBe(true)
    expect(first.body).toMatchObject({ limit: 10, count: 10, next_page_key: ids[9] })
    expect(first.body.items[0]).toEqual({ task_id: ids[0], create_time: createTime(ids[0]), task_status: 'new' })
    const second = (await get(`/v2/task/list?create_time_after=${today()}&next_page_key=${ids[9]}`)).body
    const third = (await get(`/v2/task/list/?create_time_after=${today()}&next_page_key=${second.next_page_key}`)).body
    expect(third).toMatchObject({ count: 3, next_page_key: null })
    expect([first.body, second, third].flatMap(page => page.items.map((item: { task_id: number }) => item.task_id))).toEqual(ids)
    expect((await get(`/v2/task/list?create_time_after=${today()}&limit=1000`)).body).toMatchObject({ limit: 300, count: 23 })
  })

  it('pages through the tasks from the newest with order=newest', async () => {
    const ids: number[] = []
    for (let i = 0; i < 13; i++) ids.unshift((await service.create(token)).task_id)
    const list = (more = '') => get(`/v2/task/list?create_time_after=${today()}&order=newest${more}`)
    const first = (await list()).body
    const second = (await list(`&next_page_key=${first.next_page_key}`)).body
    expect(second).toMatchObject({ count: 3, next_page_key: null })
    expect([first, second].flatMap(page => page.items.map((item: { task_id: number }) => item.task_id))).toEqual(ids)
    expect((await list(`&create_time_before=${tomorrow()}`)).body.count).toBe(10)
  })

  it('filters by day, the first one included and the last one not', async () => {
    await service.create(token)
    const count = async (query: string) => (await get(`/v2/task/list?${query}`)).body.count
    expect(await count(`create_time_after=${today()}&create_time_before=${tomorrow()}`)).toBe(1)
    expect(await count(`create_time_before=${tomorrow()}`)).toBe(1)
    expect(await count(`create_time_before=${today()}`)).toBe(0)
    expect(await count(`create_time_after=${tomorrow()}`)).toBe(0)
    expect(await count('create_time_after=0001-01-01&create_time_before=9999-12-31')).toBe(1)
  })

  it('filters by status; without a filter deleted tasks are listed too', async () => {
    const [waiting, gone] = [await uploaded(), await uploaded()]
    await deleteFiles(gone.task_id)
    const list = async (more = '') => (await get(`/v2/task/list?create_time_after=${today()}${more}`)).body.items
    expect(await list('&task_status=queued')).toEqual([
      expect.objectContaining({ task_id: waiting.task_id, task_status: 'queued' }),
    ])
    expect(await list('&task_status=done')).toEqual([])
    expect((await list()).map((item: { task_status: string }) => item.task_status)).toEqual(['queued', 'deleted'])
  })

  it("never lists another customer's tasks", async () => {
    await service.create(token)
    const stranger = (await service.newUser()).token
    const answer = await service.request('GET', `/v2/task/list?create_time_after=${today()}`, { token: stranger })
    expect(answer.body).toMatchObject({ count: 0, items: [], next_page_key: null })
  })

  it.each([
    ['', 'No create_time_* parameters have been specified.'],
    [
      'create_time_before=2023-1-1',
      'Please enter a properly formatted time for the create_time_before value. Correct format: YYYY-MM-DD',
    ],
    ['create_time_after=x', 'Please enter a properly formatted time for the create_time_after value. Correct format: YYYY-MM-DD'],
    [
      'create_time_after=2023-01-01&create_time_before=2023-01-01',
      'Please check your create_time_* parameters. create_time_after can not be later than/equal to create_time_before.',
    ],
    ['create_time_after=2023-01-01&next_page_key=x', 'Wrong format for task_id. Please enter an integer.'],
    [
      'create_time_after=2023-01-01&task_status=deleted',
      "Please enter a correct task_status. Task status value can only be one of ['new', 'queued', 'processing', 'done', 'failed']",
    ],
  ])('refuses "%s"', async (query, error) => {
    const answer = await get(`/v2/task/list?${query}`)
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual({ status_code: 400, error })
  })
})

describe('GET /v2/usage', () => {
  it('counts tasks by day and status', async () => {
    await service.create(token)
    await uploaded()
    const { status, body } = await get('/v2/usage')
    expect(status).toBe(200)
    expect(Value.Check(UsageAnswer, body)).toBe(true)
    expect(body.items).toEqual([expect.objectContaining({ total: 2, new: 1, queued: 1, done: 0 })])
    expect((await get('/v2/usage?create_time_before=2020-01-01')).body).toEqual({ items: [] })
  })
})
