import type { StoredDetection } from '@obscura/shared'
import Value from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { MetadataResponse } from '../schemas.js'
import { useTaskClient } from '../test/tasks.js'

const client = useTaskClient()

const face: StoredDetection = { class: 'face', score: 0.9993, box: [619, 639, 794, 813], anonymised: true }

describe('GET /v2/task/{id}/metadata', () => {
  it('lists the detections in the documented form', async () => {
    const plate: StoredDetection = { class: 'license_plate', score: 0.5, box: [1.5, 2, 3, 4], anonymised: false }
    const task = await client.done({}, [face, plate])
    const { status, body } = await client.get(`/v2/task/${task.task_id}/metadata`)
    expect(status).toBe(200)
    expect(Value.Check(MetadataResponse, body)).toBe(true)
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
    const nothing = await client.done()
    const waiting = await client.uploaded()
    const failed = await client.uploaded()
    await client.service.fail(failed.task_id, 'IMAGE_DEFECT')
    const deleted = await client.done({}, [face])
    await client.deleteFiles(deleted.task_id)
    for (const { task_id } of [nothing, waiting, failed, deleted]) {
      expect(await client.get(`/v2/task/${task_id}/metadata`)).toMatchObject({ status: 204, body: '' })
    }
  })
})
