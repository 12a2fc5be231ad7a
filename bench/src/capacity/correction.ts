/**
 * Seconds from a correction to its rendered revision, on a service that is otherwise idle and on
 * one whose queue is full: `obscura serve` with everything embedded, and images to detect in.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { positive } from '../options.js'
import { median } from '../report/statistics.js'
import type { Table } from '../report/table.js'
import { enlargedStreet, repositoryPath } from '../repository.js'
import { addressOf, type Client, signIn, USER } from './api-cost/task-flow.js'

interface Options {
  megapixels: number
  corrections: number
  queued: number
}

const ACCOUNT = { OBSCURA_USERNAME: USER.username, OBSCURA_PASSWORD: USER.password }
const POLL_MS = 200
const PARAMETERS = { anonymization_method: 'blur', face: true, license_plate: true, person: true, vehicle: true }

export function command(command: Command): Command {
  return command
    .option('--megapixels <number>', 'size of the image', positive, 12)
    .option('--corrections <number>', 'of each measurement', positive, 8)
    .option('--queued <number>', 'images in the queue of the busy service', positive, 20)
}

export async function run({ megapixels, corrections, queued }: Options): Promise<Table[]> {
  const folder = await mkdtemp(join(tmpdir(), 'obscura-bench-'))

  const env = { ...process.env, OBSCURA_DATA: folder, LOG_LEVEL: 'warn', PORT: '0', HOST: '127.0.0.1', ...ACCOUNT }
  const service = spawn(process.execPath, [repositoryPath('apps/cli/dist/main.js'), 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const client = await signIn(await addressOf(service.stdout))
    const height = Math.round(Math.sqrt((megapixels * 1e6 * 3) / 4))
    const photo = await enlargedStreet(Math.round((height * 4) / 3), height)
      .jpeg()
      .toBuffer()
    const id = await upload(client, photo)
    while ((await call(client, 'GET', `/v2/task/${id}/status`)).task_status !== 'done') await sleep(POLL_MS)
    await correct(client, id, 0)
    const idle = await measure(client, id, corrections)
    for (let i = 0; i < queued; i++) await upload(client, photo)
    await sleep(POLL_MS)
    const busy = await measure(client, id, corrections)
    const { items } = await call(client, 'GET', '/v2/task/list?create_time_after=2000-01-01&task_status=queued&limit=300')
    const note = `${megapixels} megapixels; at the end ${(items as unknown[]).length} images were still in the queue.`
    const row = (name: string, seconds: number[]) => [name, median(seconds).toFixed(2), Math.max(...seconds).toFixed(2)]
    return [{ head: ['service', 'median (s)', 'slowest (s)'], rows: [row('idle', idle), row('busy', busy)], note }]
  } finally {
    service.kill('SIGTERM')
    await once(service, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(client: Client, id: unknown, count: number): Promise<number[]> {
  const seconds: number[] = []
  for (let i = 0; i < count; i++) seconds.push(await correct(client, id, i))
  return seconds
}

async function correct(client: Client, id: unknown, i: number): Promise<number> {
  const begun = performance.now()
  const box = [100 + 10 * i, 100, 400 + 10 * i, 300]
  const { rendering } = await call(client, 'POST', `/v2/task/${id}/corrections`, { add: [{ class: 'face', box }] })
  if (rendering !== 'done') throw new Error(`The rendering was answered as ${rendering}.`)
  return (performance.now() - begun) / 1000
}

async function upload(client: Client, photo: Buffer): Promise<unknown> {
  const { task_id, upload_url } = await call(client, 'POST', '/v2/task', PARAMETERS)
  const response = await fetch(upload_url as string, { method: 'PUT', body: new Uint8Array(photo) })
  if (response.status !== 200) throw new Error(`The upload was answered with ${response.status}.`)
  return task_id
}

async function call({ url, token }: Client, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(url + path, { method, headers: { authorization: token }, body: body && JSON.stringify(body) })
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`)
  return response.json() as Promise<Record<string, unknown>>
}
