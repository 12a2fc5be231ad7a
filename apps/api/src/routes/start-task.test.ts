import Value from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { StatusResponse } from '../schemas.js'
import type { RequestOptions } from '../test/service.js'
import { useTaskClient } from '../test/tasks.js'

const client = useTaskClient()

describe('POST /v2/task/{id}/start', () => {
  it('queues a task that waited for it, with the body of the status', async () => {
    const task = await client.uploaded({ start_on: 'start_request' })
    expect(await client.service.status(client.token, task.task_id)).toMatchObject({ task_status: 'new' })
    const { status, body } = await client.start(task.task_id)
    expect(status).toBe(200)
    expect(Value.Check(StatusResponse, body)).toBe(true)
    expect(body).toMatchObject({ task_id: task.task_id, task_status: 'queued' })
  })

  it.each<RequestOptions>([
    {},
    { body: '{}', headers: { 'content-type': 'application/json' } },
    { headers: { 'content-type': 'application/json' } },
    { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  ])('takes the request in the form %j', async options => {
    const task = await client.uploaded({ start_on: 'start_request' })
    expect((await client.start(task.task_id, options)).status).toBe(200)
  })

  it('does not change a task that is queued, done or failed', async () => {
    const task = await client.uploaded()
    expect((await client.start(task.task_id)).body.task_status).toBe('queued')
    await client.service.complete(task.task_id, [], 'jpeg')
    expect((await client.start(task.task_id)).body).toMatchObject({ task_status: 'done', anonymized_url: expect.any(String) })
  })

  it('fails a task without a file', async () => {
    const task = await client.service.create(client.token, { start_on: 'start_request' })
    expect(await client.start(task.task_id)).toMatchObject({
      status: 200,
      body: { task_status: 'failed', failure_cause: 'TASK_FILE_DOESNT_EXIST' },
    })
  })

  it('refuses a deleted task', async () => {
    const task = await client.uploaded()
    await client.deleteFiles(task.task_id)
    const response = await client.start(task.task_id)
    expect(response.status).toBe(404)
    expect(response.body).toEqual({ status_code: 404, error: 'Task is deleted. Please upload a new task.' })
  })
})
