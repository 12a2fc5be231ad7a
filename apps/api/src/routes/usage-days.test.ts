import { deleteTask, setAdmin } from '@obscura/shared'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JPEG, type Service, startService } from '../test/service.js'
import { UsageDaysResponse } from './usage-schema.js'

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

const face = { class: 'face', score: 0.9, box: [1, 2, 5, 6], anonymised: true } as const
const plate = { ...face, class: 'license_plate' } as const
const today = () => new Date().toISOString().slice(0, 10)
const days = async (token: string, query = '') => (await service.request('GET', `/v2/usage/days${query}`, { token })).body

async function uploaded(token: string): Promise<number> {
  const { task_id, upload_url } = await service.create(token)
  await service.upload(upload_url)
  await service.status(token, task_id)
  return task_id
}

describe('GET /v2/usage/days', () => {
  it('counts what ended on a day, and keeps the counts when tasks are deleted', async () => {
    const { token } = await service.newUser()
    await service.complete(await uploaded(token), [face, face, plate], 'jpeg')
    const second = await uploaded(token)
    await service.complete(second, [face], 'jpeg')
    await service.fail(await uploaded(token), 'IMAGE_DEFECT')
    const body = await days(token)
    expect(Value.Check(UsageDaysResponse, body)).toBe(true)
    const { seconds, ...counts } = body.items[0]
    expect(counts).toEqual({
      ...{ day: today(), done: 2, failed: 1, megapixels: expect.closeTo(0.0024), uploaded_bytes: 3 * JPEG.length },
      detections: { face: 3, person: 0, license_plate: 1, vehicle: 0 },
    })
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThan(120)
    expect(body.storage).toEqual({ tasks: 3, original_bytes: 3 * JPEG.length, result_bytes: 0 })

    const [{ customer_id }] = await service.db.query<{ customer_id: string }>('select customer_id from tasks where id = $1', [
      second,
    ])
    await deleteTask(service.db, customer_id, second)
    expect(await days(token)).toMatchObject({ items: body.items, storage: { tasks: 2, original_bytes: 2 * JPEG.length } })
    await service.db.query('delete from tasks where id = $1', [second])
    expect((await days(token)).items).toEqual(body.items)
  })

  it('is limited to the requested days, and explains invalid ones', async () => {
    const { token } = await service.newUser()
    await service.complete(await uploaded(token))
    expect((await days(token, `?create_time_before=${today()}`)).items).toEqual([])
    expect((await days(token, `?create_time_after=${today()}`)).items).toHaveLength(1)
    expect(await days(token, '?create_time_after=yesterday')).toMatchObject({ status_code: 400 })
    expect((await service.request('GET', '/v2/usage/days')).status).toBe(401)
  })

  it('shows nothing of other customers', async () => {
    const [one, other] = [await service.newUser(), await service.newUser()]
    await service.complete(await uploaded(one.token), [face])
    expect(await days(other.token)).toEqual({ items: [], storage: { tasks: 0, original_bytes: 0, result_bytes: 0 } })
  })
})

describe('GET /v2/admin/usage', () => {
  it('shows each customer to administrators only', async () => {
    const [admin, user] = [await service.newUser(), await service.newUser()]
    await service.complete(await uploaded(user.token), [face, plate])
    const all = () => service.request('GET', '/v2/admin/usage', { token: admin.token })
    expect((await all()).status).toBe(403)
    await setAdmin(service.db, admin.username, true)
    const { body } = await all()
    const own = (list: { customer: string }[]) => list.filter(({ customer }) => customer === user.customer)
    expect(own(body.items)).toMatchObject([{ day: today(), done: 1, detections: { face: 1, license_plate: 1 } }])
    expect(own(body.storage)).toMatchObject([{ tasks: 1, original_bytes: JPEG.length }])
  })

  it('counts every one of many tasks that end at once', async () => {
    const { token } = await service.newUser()
    const ids = []
    for (let i = 0; i < 12; i++) ids.push(await uploaded(token))
    for (const id of ids) await service.claim(id)
    await Promise.all(ids.map(id => service.complete(id, [face, plate], 'jpeg')))
    expect((await days(token)).items).toMatchObject([{ done: 12, detections: { face: 12, license_plate: 12 } }])
  })
})
