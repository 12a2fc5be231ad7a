import Value from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { DeletedResponse, TaskResponse } from '../schemas.js'
import { JPEG } from '../test/service.js'
import { useTaskClient } from '../test/tasks.js'

const client = useTaskClient()

describe('DELETE /v2/task/{id}/files', () => {
  it('deletes the files, keeps the task, and names the id as text', async () => {
    const task = await client.done({ binary_segmentation_mask: true, name: 'Maria', webhook: 'https://example.com/?token=1' })
    const urls = (await client.get(`/v2/task/${task.task_id}`)).body
    const { status, body } = await client.deleteFiles(task.task_id)
    expect(status).toBe(200)
    expect(Value.Check(DeletedResponse, body)).toBe(true)
    expect(body).toEqual({ files_deleted: true, task_id: String(task.task_id) })
    for (const url of [urls.original_url, urls.anonymized_url, urls.binary_segmentation_mask_url]) {
      expect((await fetch(url)).status).toBe(404)
    }
    const after = (await client.get(`/v2/task/${task.task_id}`)).body
    expect(Value.Check(TaskResponse, after)).toBe(true)
    expect(after).toMatchObject({
      task_status: 'deleted',
      name: null,
      webhook: null,
      delete_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/),
    })
    expect(Object.keys(after).filter(key => key.endsWith('_url'))).toEqual([])
    expect(await client.service.status(client.token, task.task_id)).toMatchObject({
      task_status: 'deleted',
      delete_time: after.delete_time,
    })
  })

  it('refuses a second time, and deletes what was uploaded since', async () => {
    const task = await client.service.create(client.token)
    await client.deleteFiles(task.task_id)
    expect((await client.service.upload(task.upload_url)).status).toBe(200)
    const key = `${task.customer_id}/${task.task_id}/original`
    await client.service.store.put(key, JPEG, 'image/jpeg')
    const again = await client.deleteFiles(task.task_id)
    expect(again.status).toBe(400)
    expect(again.body).toEqual({ status_code: 400, error: `Task with ID ${task.task_id} already deleted.` })
    expect(await client.service.store.head(key)).toBeUndefined()
  })

  it('accepts an empty body declared as JSON', async () => {
    const task = await client.uploaded()
    expect((await client.deleteFiles(task.task_id, { headers: { 'content-type': 'application/json' } })).status).toBe(200)
  })

  it('deletes a task in progress, whose result is then discarded', async () => {
    const task = await client.uploaded()
    await client.service.claim(task.task_id)
    expect((await client.deleteFiles(task.task_id)).status).toBe(200)
    await expect(client.service.complete(task.task_id, [], 'jpeg')).rejects.toThrow('lease')
    expect(await client.service.status(client.token, task.task_id)).toMatchObject({ task_status: 'deleted' })
  })
})
