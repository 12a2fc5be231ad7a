import { createTime, type FailureCause, type StoredDetection } from '@obscura/shared'
import Value from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { StatusResponse, TaskResponse } from '../schemas.js'
import { JPEG } from '../test/service.js'
import { useTaskClient } from '../test/tasks.js'

const client = useTaskClient()

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
      const response = await client.service.request(method, `/v2/task/${id}${rest}`, { token: client.token })
      expect(response.status).toBe(400)
      expect(response.body).toEqual({ status_code: 400, error: `Wrong format for Task ID. ${id} is not an integer.` })
    }
    for (const id of ['1690264444814157', '0', '-1', '99999999999999999999']) {
      const response = await client.service.request(method, `/v2/task/${id}${rest}`, { token: client.token })
      expect(response.status).toBe(400)
      expect(response.body).toEqual({ status_code: 400, error: `Task ID not found. There is no task with task ID ${id}.` })
    }
  })

  it.each(endpoints)("%s /v2/task/{id}%s: another customer's task", async (method, rest) => {
    const { task_id } = await client.service.create(client.token)
    const stranger = (await client.service.newUser()).token
    const response = await client.service.request(method, `/v2/task/${task_id}${rest}`, { token: stranger })
    expect(response.status).toBe(400)
    expect(response.body.error).toBe(`Task ID not found. There is no task with task ID ${task_id}.`)
  })

  it('a task without an id', async () => {
    for (const path of ['/v2/task', '/v2/task/']) {
      expect(await client.get(path)).toMatchObject({
        status: 400,
        body: { status_code: 400, error: 'Getting task results failed. Please enter a task ID.' },
      })
    }
  })
})

describe('GET /v2/task/{id}/status', () => {
  it('distinguishes new, queued, processing and done tasks', async () => {
    const task = await client.service.create(client.token)
    const common = { task_id: task.task_id, delete_time: null, webhook: null, webhook_status: 'empty' }
    expect(await client.service.status(client.token, task.task_id)).toEqual({ ...common, task_status: 'new' })
    await client.service.upload(task.upload_url)
    expect(await client.service.status(client.token, task.task_id)).toEqual({ ...common, task_status: 'queued' })
    await client.service.claim(task.task_id)
    expect(await client.service.status(client.token, task.task_id)).toEqual({ ...common, task_status: 'processing' })
    await client.service.complete(task.task_id, [], 'jpeg')
    const body = await client.service.status(client.token, task.task_id)
    expect(body).toEqual({
      ...common,
      task_status: 'done',
      anonymized_url: expect.stringMatching(/^https?:/),
      anonymized_url_expiration_duration: 14400,
      metadata_url: `${client.service.url}/v2/task/${task.task_id}/metadata`,
    })
    expect(Value.Check(StatusResponse, body)).toBe(true)
  })

  it.each(['IMAGE_DEFECT', 'TASK_FILE_DOESNT_EXIST', 'INTERNAL_ERROR', 'CONTENT_TYPE_ERROR', 'PARAMETER_ERROR_FORMAT'])(
    'names the failure cause %s, as GET task does',
    async cause => {
      const { task_id } = await client.uploaded()
      await client.service.fail(task_id, cause as FailureCause)
      for (const path of [`/v2/task/${task_id}/status`, `/v2/task/${task_id}`]) {
        expect((await client.get(path)).body).toMatchObject({ task_status: 'failed', failure_cause: cause })
      }
      expect(await client.service.status(client.token, task_id)).not.toHaveProperty('anonymized_url')
    },
  )

  it('detects an upload that was not announced', async () => {
    const task = await client.service.create(client.token)
    const key = `${task.customer_id}/${task.task_id}/original`
    await client.service.store.put(key, JPEG, 'image/jpeg')
    expect(await client.service.status(client.token, task.task_id)).toMatchObject({ task_status: 'queued' })
  })
})

describe('GET /v2/task/{id}', () => {
  it('answers with numbers as text and new URLs of all existing files', async () => {
    const webhook = 'https://example.com/webhook/dev?param=test'
    const task = await client.done({
      webhook,
      face_threshold: 0.9,
      binary_segmentation_mask: true,
      instance_segmentation_mask: true,
    })
    const { status, body } = await client.get(`/v2/task/${task.task_id}/`)
    expect(status).toBe(200)
    expect(Value.Check(TaskResponse, body)).toBe(true)
    expect(body).toMatchObject({
      task_id: String(task.task_id),
      create_time: createTime(task.task_id),
      delete_time: null,
      task_status: 'done',
      debug: false,
      anonymization_method: 'blur',
      face: true,
      ignores: '',
      areas: '',
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
      metadata_url: `${client.service.url}/v2/task/${task.task_id}/metadata`,
      progress: 1,
      timings: { detect: 12.5 },
      warnings: ['The image is truncated.'],
    })
    const files = ['original_url', 'anonymized_url', 'binary_segmentation_mask_url', 'instance_segmentation_mask_url']
    const contents = await Promise.all(files.map(async name => Buffer.from(await (await fetch(body[name])).arrayBuffer())))
    expect(contents.map(String)).toEqual([String(JPEG), 'anonymized', 'binary', 'instance'])
  })

  it('shows no URL before a file exists, and no mask that was not requested', async () => {
    const fresh = await client.service.create(client.token)
    const before = (await client.get(`/v2/task/${fresh.task_id}`)).body
    expect(Object.keys(before).filter(key => key.endsWith('_url'))).toEqual([])
    const task = await client.done()
    const after = (await client.get(`/v2/task/${task.task_id}`)).body
    expect(
      Object.keys(after)
        .filter(key => key.endsWith('_url'))
        .sort(),
    ).toEqual(['anonymized_url', 'metadata_url', 'original_url'])
  })

  it('has no image for the method detect, but masks and metadata', async () => {
    const task = await client.done({ anonymization_method: 'detect', binary_segmentation_mask: true }, [face], null)
    const { body } = await client.get(`/v2/task/${task.task_id}`)
    expect(body).not.toHaveProperty('anonymized_url')
    expect(body).toMatchObject({ task_status: 'done', binary_segmentation_mask_url: expect.any(String) })
  })
})
