import { expect, it } from 'vitest'
import { startService } from '../test/service.js'

it('many requests for regions are served one after the other, so that others get their turn', async () => {
  let [reading, most] = [0, 0]
  const service = await startService(given => ({
    ...given,
    store: {
      ...given.store,
      async get(...key) {
        most = Math.max(most, ++reading)
        return given.store.get(...key).finally(() => reading--)
      },
    },
  }))
  const { token } = await service.newUser()
  const { task_id, upload_url } = await service.create(token)
  await service.upload(upload_url)
  await service.status(token, task_id)
  await service.complete(task_id, [{ class: 'face', score: 0.9, box: [1, 2, 5, 6], anonymised: true }], 'jpeg')
  const read = () => service.request('GET', `/v2/task/${task_id}/detections`, { token })
  const responses = await Promise.all(Array.from({ length: 30 }, read))
  expect(responses.every(({ status, body }) => status === 200 && body.regions.length === 1)).toBe(true)
  expect(most).toBe(1)
  await service.close()
})
