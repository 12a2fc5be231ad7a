import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, startService } from '../test/service.js'

let service: Service
let token: string

beforeAll(async () => {
  service = await startService()
  token = (await service.newUser()).token
})
afterAll(() => service.close())

const areas = [{ box: [0, 80, 100, 100], unit: 'percent' }, { nadir: 20 }]

describe('areas of a task', () => {
  it('are given as a list or as text, and echoed as text', async () => {
    const task = (await service.create(token, { areas })) as unknown as Record<string, unknown>
    expect(task.areas).toBe(JSON.stringify(areas))
    const text = ' [{"zenith": 5}] '
    expect(await service.create(token, { areas: text })).toMatchObject({ areas: text })
    const response = await service.request('GET', `/v2/task/${task.task_id}`, { token })
    expect(response.body.areas).toBe(JSON.stringify(areas))
  })

  it('are refused with the reason when they are invalid', async () => {
    const body = { anonymization_method: 'blur', face: true, areas: [{ nadir: 90 }] }
    expect(await service.request('POST', '/v2/task', { token, body })).toMatchObject({
      status: 400,
      body: {
        error:
          'Could not create task. areas parameter value caused an error. Area 0 must have a nadir above 0 and up to 45 degrees.',
      },
    })
  })

  it('are deleted with its files', async () => {
    const { task_id: id } = await service.create(token, { areas })
    await service.request('DELETE', `/v2/task/${id}/files`, { token })
    expect((await service.request('GET', `/v2/task/${id}`, { token })).body.areas).toBe('')
  })
})

describe('default areas', () => {
  it("apply to the customer's tasks without areas, and to no other customer", async () => {
    const { token: mine } = await service.newUser()
    expect((await service.request('GET', '/v2/areas', { token: mine })).body).toEqual({ areas: [] })
    expect(await service.request('PUT', '/v2/areas', { token: mine, body: { areas } })).toMatchObject({
      status: 200,
      body: { areas },
    })
    expect((await service.request('GET', '/v2/areas', { token: mine })).body).toEqual({ areas })
    expect(await service.create(mine)).toMatchObject({ areas: JSON.stringify(areas) })
    expect(await service.create(mine, { areas: '' })).toMatchObject({ areas: '' })
    expect(await service.create(token)).toMatchObject({ areas: '' })
    await service.request('PUT', '/v2/areas', { token: mine, body: { areas: [] } })
    expect(await service.create(mine)).toMatchObject({ areas: '' })
  })

  it.each([
    [undefined, 'The body must be {"areas": [...]}.'],
    ['{"areas": 5}', 'The body must be {"areas": [...]}.'],
    ['[]', 'It is not a JSON object.'],
    ['{"areas": [{"note": "\\ud800"}]}', 'Area 0 has an unknown field; allowed: box, polygon, nadir, zenith, unit, method.'],
  ])('sent as %s are refused', async (body, cause) => {
    expect(await service.request('PUT', '/v2/areas', { token, body })).toMatchObject({
      status: 400,
      body: { error: `Could not save the areas. ${cause}` },
    })
  })

  it('need a token, and a body of at most 1 MiB', async () => {
    expect((await service.request('GET', '/v2/areas')).status).toBe(401)
    expect((await service.request('PUT', '/v2/areas', { body: { areas } })).status).toBe(401)
    const huge = { areas: 'x'.repeat(1024 * 1024) }
    expect((await service.request('PUT', '/v2/areas', { token, body: huge })).status).toBe(413)
  })
})
