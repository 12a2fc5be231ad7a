/** Every documented route of one task, asked by a user of another customer. */
import { expect, it } from 'vitest'
import { useTaskClient } from '../test/tasks.js'

const client = useTaskClient()

/** Bodies that are valid, by the end of the route. */
const BODIES: Readonly<Record<string, object>> = { corrections: { remove: [1] }, reject: { reason: 'no' } }
const UNKNOWN = 1690264444814157

it('tells strangers of no task more than that it does not exist, on any route', async () => {
  const { paths } = (await client.service.request('GET', '/openapi.json')).body as { paths: Record<string, object> }
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    path.startsWith('/v2/task/{') ? Object.keys(operations).map(method => [method.toUpperCase(), path]) : [],
  )
  expect(routes.length).toBeGreaterThan(12)
  const { task_id } = await client.done()
  const before = await client.service.status(client.token, task_id)
  const stranger = (await client.service.newUser()).token
  for (const [method, path] of routes) {
    const ask = async (id: number) => {
      const body = method === 'GET' ? undefined : BODIES[path.split('/').at(-1)!]
      const response = await client.service.request(method, path.replace(/\{\w+\}/, String(id)), { token: stranger, body })
      return { status: response.status, error: response.body?.error?.replace(String(id), 'ID') }
    }
    const answer = await ask(task_id)
    expect([method, path, answer]).toEqual([method, path, await ask(UNKNOWN)])
    expect([method, path, answer.error]).toEqual([method, path, 'Task ID not found. There is no task with task ID ID.'])
  }
  expect(await client.service.status(client.token, task_id)).toMatchObject({ task_status: before.task_status })
})
