import { createTime } from '@obscura/shared'
import Value from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { ListResponse, UsageResponse } from '../schemas.js'
import { useTaskClient } from '../test/tasks.js'

const client = useTaskClient()

describe('GET /v2/task/list', () => {
  const today = () => new Date().toISOString().slice(0, 10)
  const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)

  it('pages through the tasks, oldest first', async () => {
    const ids: number[] = []
    for (let i = 0; i < 23; i++) ids.push((await client.service.create(client.token)).task_id)
    const first = await client.get(`/v2/task/list?create_time_after=${today()}&limit=5`)
    expect(first.status).toBe(200)
    expect(Value.Check(ListResponse, first.body)).toBe(true)
    expect(first.body).toMatchObject({ limit: 10, count: 10, next_page_key: ids[9] })
    expect(first.body.items[0]).toEqual({ task_id: ids[0], create_time: createTime(ids[0]), task_status: 'new' })
    const second = (await client.get(`/v2/task/list?create_time_after=${today()}&next_page_key=${ids[9]}`)).body
    const third = (await client.get(`/v2/task/list/?create_time_after=${today()}&next_page_key=${second.next_page_key}`)).body
    expect(third).toMatchObject({ count: 3, next_page_key: null })
    expect([first.body, second, third].flatMap(page => page.items.map((item: { task_id: number }) => item.task_id))).toEqual(ids)
    expect((await client.get(`/v2/task/list?create_time_after=${today()}&limit=1000`)).body).toMatchObject({
      limit: 300,
      count: 23,
    })
  })

  it('pages through the tasks from the newest with order=newest', async () => {
    const ids: number[] = []
    for (let i = 0; i < 13; i++) ids.unshift((await client.service.create(client.token)).task_id)
    const list = (more = '') => client.get(`/v2/task/list?create_time_after=${today()}&order=newest${more}`)
    const first = (await list()).body
    const second = (await list(`&next_page_key=${first.next_page_key}`)).body
    expect(second).toMatchObject({ count: 3, next_page_key: null })
    expect([first, second].flatMap(page => page.items.map((item: { task_id: number }) => item.task_id))).toEqual(ids)
    expect((await list(`&create_time_before=${tomorrow()}`)).body.count).toBe(10)
  })

  it('filters by day, the first one included and the last one not', async () => {
    await client.service.create(client.token)
    const count = async (query: string) => (await client.get(`/v2/task/list?${query}`)).body.count
    expect(await count(`create_time_after=${today()}&create_time_before=${tomorrow()}`)).toBe(1)
    expect(await count(`create_time_before=${tomorrow()}`)).toBe(1)
    expect(await count(`create_time_before=${today()}`)).toBe(0)
    expect(await count(`create_time_after=${tomorrow()}`)).toBe(0)
    expect(await count('create_time_after=0001-01-01&create_time_before=9999-12-31')).toBe(1)
  })

  it('filters by status; without a filter deleted tasks are listed too', async () => {
    const [waiting, gone] = [await client.uploaded(), await client.uploaded()]
    await client.deleteFiles(gone.task_id)
    const list = async (more = '') => (await client.get(`/v2/task/list?create_time_after=${today()}${more}`)).body.items
    expect(await list('&task_status=queued')).toEqual([
      expect.objectContaining({ task_id: waiting.task_id, task_status: 'queued' }),
    ])
    expect(await list('&task_status=done')).toEqual([])
    expect((await list()).map((item: { task_status: string }) => item.task_status)).toEqual(['queued', 'deleted'])
  })

  it("never lists another customer's tasks", async () => {
    await client.service.create(client.token)
    const stranger = (await client.service.newUser()).token
    const response = await client.service.request('GET', `/v2/task/list?create_time_after=${today()}`, { token: stranger })
    expect(response.body).toMatchObject({ count: 0, items: [], next_page_key: null })
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
    const response = await client.get(`/v2/task/list?${query}`)
    expect(response.status).toBe(400)
    expect(response.body).toEqual({ status_code: 400, error })
  })
})

describe('GET /v2/usage', () => {
  it('counts tasks by day and status', async () => {
    await client.service.create(client.token)
    await client.uploaded()
    const { status, body } = await client.get('/v2/usage')
    expect(status).toBe(200)
    expect(Value.Check(UsageResponse, body)).toBe(true)
    expect(body.items).toEqual([expect.objectContaining({ total: 2, new: 1, queued: 1, done: 0 })])
    expect((await client.get('/v2/usage?create_time_before=2020-01-01')).body).toEqual({ items: [] })
  })
})
