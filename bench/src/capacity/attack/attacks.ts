/** What a hostile client, with or without a user's token, does all the time. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../api-cost/task-flow.js'
import { deepPng, hugePng, longXmp } from './files.js'
import { flood, open, repeat, request, type Target } from './flood.js'

/** Never ends; the process that runs it is killed. */
type Attack = (target: Target) => Promise<never>

const PARAMETERS = { anonymization_method: 'blur', face: true }
/** Just below the limit of headers, and of their number. */
const HEADERS = Object.fromEntries(Array.from({ length: 95 }, (_, i) => [`x-${i}`, 'a'.repeat(150)]))

const text = (bytes: number) => randomBytes(bytes).toString('base64url')

/** Every attack by its name. */
export const ATTACKS: Record<string, Attack> = {
  headers: ({ url }) => flood(url, 100, () => request('GET', '/v2/task/list', HEADERS)),
  tokens: ({ url, token }) => {
    const [head, body] = token.split('.')
    return flood(url, 100, () => request('GET', '/v2/usage', { authorization: `${head}.${body}.${text(64)}` }))
  },
  'sign-ins': ({ url }) =>
    flood(url, 200, () => request('POST', '/v2/signin', {}, JSON.stringify({ username: text(9), password: text(9) }))),
  refreshes: ({ url }) => flood(url, 100, () => request('POST', '/v2/refresh', {}, JSON.stringify({ refresh_token: text(32) }))),
  'silent-uploads': target =>
    repeat(4, async () => {
      const { upload_url } = await createTask(target)
      const socket = open(target.url)
      const { pathname, search } = new URL(upload_url)
      socket.write(request('PUT', pathname + search, { 'content-length': '50000000' }))
      await sleep(20)
    }),
  json: ({ url, token }) => {
    const ignores = Array.from({ length: 15_000 }, (_, i) => ({ topLeftX: i, topLeftY: i, width: 9, height: 9 }))
    const body = JSON.stringify({ ...PARAMETERS, ignores })
    return flood(url, 50, () => request('POST', '/v2/task', { authorization: token }, body))
  },
  corrections: ({ url, token, taskId }) => {
    const polygon = Array.from({ length: 2000 }, (_, i) => [i % 600, (i * 7) % 400])
    const body = JSON.stringify({ add: Array.from({ length: 20 }, () => ({ class: 'face', polygon })) })
    return flood(url, 20, () => request('POST', `/v2/task/${taskId}/corrections`, { authorization: token }, body))
  },
  'slow-bodies': async ({ url }) =>
    repeat(200, async () => {
      const socket = open(url)
      socket.write(request('POST', '/v2/signin', { 'content-length': '60000' }))
      for (let i = 0; i < 100 && !socket.destroyed; i++) {
        socket.write('{')
        await sleep(100)
      }
      socket.destroy()
    }),
  connections: ({ url }) =>
    repeat(100, async () => {
      const socket = open(url)
      await new Promise(resolve => socket.once('connect', resolve).once('close', resolve))
      socket.destroy()
    }),
  pipelines: ({ url }) => {
    const many = Buffer.concat(Array.from({ length: 2000 }, () => request('GET', '/v2/usage')))
    return flood(url, 50, () => many)
  },
  files: async target => {
    const files = await Promise.all([deepPng(), hugePng(), longXmp()])
    let n = 0
    return repeat(4, () => upload(target, files[n++ % files.length]))
  },
  queries: ({ url, token }) =>
    flood(url, 50, () =>
      request('GET', `/v2/task/list?task_status=${text(4000)}&name=${'%41'.repeat(3000)}`, { authorization: token }),
    ),
  lists: ({ url, token }) =>
    flood(url, 30, () => request('GET', '/v2/task/list?create_time_after=2000-01-01&limit=300', { authorization: token })),
  deletions: target =>
    repeat(30, async () => {
      const { task_id } = await createTask(target)
      await call(target, 'DELETE', `/v2/task/${task_id}/delete`)
    }),
  webhooks: async target => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise(resolve => silent.once('listening', resolve))
    const webhook = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
    return repeat(8, () => upload(target, Buffer.from('no image'), { webhook }))
  },
  views: ({ url, token, taskId }) => {
    const paths = ['', '/detections', '/metadata', '/status', '/corrections']
    let n = 0
    return flood(url, 50, () => request('GET', `/v2/task/${taskId}${paths[n++ % paths.length]}`, { authorization: token }))
  },
  page: ({ url }) => flood(url, 50, () => request('GET', ['/', '/docs', '/openapi.json'][Math.floor(Math.random() * 3)])),
}

/** Has a photo anonymized. @returns the ID of its task */
export async function runPhoto(client: Client, photo: Buffer): Promise<string> {
  const id = await upload(client, photo)
  for (;;) {
    const { task_status } = await call(client, 'GET', `/v2/task/${id}/status`)
    if (task_status === 'done') return id
    if (task_status === 'failed') throw new Error('The photo could not be anonymized.')
    await sleep(100)
  }
}

async function call({ url, token }: Client, method: string, path: string, body?: object): Promise<Record<string, string>> {
  const response = await fetch(url + path, { method, headers: { authorization: token }, body: body && JSON.stringify(body) })
  return (await response.json()) as Record<string, string>
}

const createTask = (client: Client, more: object = {}) => call(client, 'POST', '/v2/task', { ...PARAMETERS, ...more })

async function upload(client: Client, file: Buffer, more?: object): Promise<string> {
  const { task_id, upload_url } = await createTask(client, more)
  const response = await fetch(upload_url, { method: 'PUT', body: new Uint8Array(file) })
  await response.arrayBuffer()
  return task_id
}
