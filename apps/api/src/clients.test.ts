/**
 * The vendor's public clients as they behave on the wire: what they send, what they require, and
 * how many requests they start at once.
 */
import { Agent, request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { JPEG, MARK, PASSWORD, type Service, startService } from './test/service.js'

let service: Service
let username: string

beforeAll(async () => {
  service = await startService()
  service.startWork()
  username = (await service.newUser()).username
})
afterAll(() => service.close())

const image = (name: string) => Buffer.concat([JPEG, Buffer.from(name)])
const anonymized = (name: string) => Buffer.concat([MARK, image(name)])

interface PythonResponse {
  status: number
  content: Buffer
  json(): Record<string, string>
}

// Like Python's requests: a length for every body, no Content-Type unless `json=` is used,
// keep-alive.
function requests(agent: Agent) {
  return (method: string, url: string, headers: Record<string, string> = {}, data?: string | Buffer) =>
    new Promise<PythonResponse>((resolve, reject) => {
      const body = data === undefined ? undefined : Buffer.from(data)
      const length = body ? { 'content-length': String(body.length) } : {}
      const common = { 'user-agent': 'python-requests/2.28.1', 'accept-encoding': 'gzip, deflate', accept: '*/*' }
      const sent = httpRequest(url, { method, agent, headers: { ...common, ...length, ...headers } }, async response => {
        const content = Buffer.concat(await response.toArray())
        resolve({ status: response.statusCode!, content, json: () => JSON.parse(content.toString()) })
      })
      sent.on('error', reject).end(body)
    })
}

it('the Python client: thirty threads, a new token after every fifty tasks, exactly 200 everywhere', async () => {
  const agent = new Agent({ keepAlive: true })
  const send = requests(agent)
  const base = `${service.url}/v2/`
  const configuration = JSON.stringify({ 'anonymization-method': 'blur', face: true, 'license-plate': true })
  const names = Array.from({ length: 60 }, (_, i) => `py-${i}`)
  const results = new Map<string, Buffer>()
  let token = ''
  let created = 0

  async function authorize(): Promise<void> {
    const credentials = JSON.stringify({ username, password: PASSWORD })
    const response = await send('POST', `${base}signin/`, { 'content-type': 'application/json' }, credentials)
    token = response.json().AccessToken
  }

  async function anonymize(name: string): Promise<void> {
    if (created++ % 50 === 49) await authorize()
    const create = await send('POST', `${base}task/`, { authorization: token }, configuration)
    expect(create.status).toBe(200)
    const { task_id, upload_url } = create.json()
    expect((await send('PUT', upload_url, {}, image(name))).status).toBe(200)
    for (;;) {
      const status = await send('GET', `${base}task/${task_id}/status`, { authorization: token })
      expect(status.status).toBe(200)
      if (status.json().task_status === 'done') break
      await sleep(200)
    }
    const task = await send('GET', `${base}task/${task_id}`, { authorization: token })
    expect(task.status).toBe(200)
    results.set(name, (await send('GET', task.json().anonymized_url)).content)
  }

  await authorize()
  const waiting = [...names]
  const thread = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) await anonymize(name)
  }
  await Promise.all(Array.from({ length: 30 }, thread))
  agent.destroy()
  for (const name of names) expect(results.get(name)).toEqual(anonymized(name))
})

it('the JavaScript client: fetch, a JSON text without a type of its own, all files at once', async () => {
  async function call(path: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(new URL(path, service.url), init)
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return response
  }
  const signIn = await call('/v2/signin/', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD }),
  })
  const { AccessToken } = (await signIn.json()) as { AccessToken: string }
  const headers = { Authorization: AccessToken }

  async function anonymize(name: string): Promise<Buffer> {
    // fetch sends strings as text/plain;charset=UTF-8.
    const body = JSON.stringify({ 'anonymization-method': 'blur', face: true })
    const { task_id, upload_url } = (await (await call('/v2/task/', { method: 'POST', headers, body })).json()) as Record<
      string,
      string
    >
    await call(upload_url, { method: 'PUT', body: image(name) })
    for (;;) {
      const { task_status } = (await (await call(`/v2/task/${task_id}/status`, { headers })).json()) as Record<string, string>
      if (task_status === 'done') break
      await sleep(200)
    }
    const { anonymized_url } = (await (await call(`/v2/task/${task_id}`, { headers })).json()) as Record<string, string>
    return Buffer.from(await (await call(anonymized_url)).arrayBuffer())
  }

  const names = Array.from({ length: 40 }, (_, i) => `js-${i}`)
  expect(await Promise.all(names.map(anonymize))).toEqual(names.map(anonymized))
})

it('the ArcGIS toolbox: no trailing slash, both spellings in one body, the result from the status, a failed task polled without a pause', async () => {
  const send = requests(new Agent())
  const json = { 'content-type': 'application/json' }
  const base = `${service.url}/v2`
  const { AccessToken } = (await send('POST', `${base}/signin`, json, JSON.stringify({ username, password: PASSWORD }))).json()
  const headers = { authorization: AccessToken, ...json }
  const configuration = { anonymization_method: 'blur', face: true, 'license-plate': true, person: false, vehicle: false }

  const create = await send(
    'POST',
    `${base}/task`,
    headers,
    JSON.stringify({ ...configuration, format: '{"number":[2,2],"overlap":[0,0]}' }),
  )
  expect(create.status).toBe(200)
  const { task_id, upload_url } = create.json()
  await send('PUT', upload_url, {}, image('arc'))
  let url: string | undefined
  while (!url) {
    url = (await send('GET', `${base}/task/${task_id}/status`, headers)).json().anonymized_url
  }
  expect((await send('GET', url)).content).toEqual(anonymized('arc'))

  const failing = (await send('POST', `${base}/task`, headers, JSON.stringify(configuration))).json()
  await send('PUT', failing.upload_url, { 'content-type': 'text/plain' }, 'no image')
  for (let i = 0; i < 200; i++) {
    const status = await send('GET', `${base}/task/${failing.task_id}/status`, headers)
    expect([status.status, status.json().task_status]).toEqual([200, 'failed'])
  }
})

it('of three hundred clients that start at once, none is refused and nothing is lost', async () => {
  const statuses: number[] = []
  async function call(method: string, path: string, token?: string, body?: unknown) {
    const response = await service.request(method, path, { token, body })
    statuses.push(response.status)
    return response.body
  }
  async function client(name: string): Promise<Buffer> {
    const { AccessToken } = await call('POST', '/v2/signin/', undefined, { username, password: PASSWORD })
    const task = await call('POST', '/v2/task/', AccessToken, { anonymization_method: 'blur', face: true })
    await call('PUT', task.upload_url, undefined, image(name))
    for (;;) {
      const { task_status } = await call('GET', `/v2/task/${task.task_id}/status`, AccessToken)
      if (task_status === 'done') break
      await sleep(1000)
    }
    const { anonymized_url } = await call('GET', `/v2/task/${task.task_id}`, AccessToken)
    return Buffer.from(await (await fetch(anonymized_url)).arrayBuffer())
  }
  const names = Array.from({ length: 300 }, (_, i) => `load-${i}`)
  expect(await Promise.all(names.map(client))).toEqual(names.map(anonymized))
  expect(new Set(statuses)).toEqual(new Set([200]))
})
