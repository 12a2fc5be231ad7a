/**
 * How long creating a task takes while 1,000 status requests a second reach the same API process,
 * against an idle one. The API runs in a process of its own on the embedded database and store;
 * this process is the clients.
 */
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { positive } from '../options.js'
import { quantile } from '../report/statistics.js'
import type { Table } from '../report/table.js'
import { USER } from './status-load/user.js'

interface Options {
  polls: number
  seconds: number
  creates: number
}

const TASKS = 300

export function command(command: Command): Command {
  return command
    .option('--polls <number>', 'status requests a second', positive, 1000)
    .option('--seconds <number>', 'of each measurement', positive, 20)
    .option('--creates <number>', 'tasks created a second', positive, 20)
}

export async function run({ polls, seconds, creates }: Options): Promise<Table[]> {
  const folder = await mkdtemp(join(tmpdir(), 'obscura-bench-'))
  const server = fork(new URL('status-load/server.js', import.meta.url), [folder])
  const message = <T>() => new Promise<T>(resolve => server.once('message', value => resolve(value as T)))
  const cpu = async () => {
    server.kill('SIGUSR2')
    const { user, system } = await message<NodeJS.CpuUsage>()
    return (user + system) / 1e6
  }
  const rows: Table['rows'] = []
  const p95: number[] = []
  try {
    const client = await signIn(await message<string>())
    const ids = await prepareTasks(client, async count => {
      server.send(count)
      await message()
    })
    await load(client, ids, 0, creates, 3)
    for (const [name, rate] of [
      ['idle', 0],
      ['loaded', polls],
    ] as const) {
      const before = await cpu()
      const { latencies, polled, failed } = await load(client, ids, rate, creates, seconds)
      p95.push(quantile(latencies, 0.95))
      const times = [quantile(latencies, 0.5), p95.at(-1)!].map(value => value.toFixed(1))
      rows.push([name, Math.round(polled / seconds), failed, ...times, (((await cpu()) - before) / seconds).toFixed(2)])
    }
  } finally {
    server.disconnect()
    await new Promise(resolve => server.once('exit', resolve))
    await rm(folder, { recursive: true, force: true })
  }
  const head = ['server', 'status requests/s', 'responses other than 200', 'create p50 (ms)', 'create p95 (ms)', 'API cores used']
  return [{ head, rows, note: `p95 under load / idle: ${(p95[1] / p95[0]).toFixed(2)}` }]
}

type Client = (method: string, path: string, body?: string) => Promise<{ status: number; body: string }>

async function signIn(url: string): Promise<Client> {
  const agents = { GET: new Agent({ keepAlive: true, maxSockets: 100 }), other: new Agent({ keepAlive: true }) }
  let authorization: string | undefined
  const client: Client = (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = { ...(authorization && { authorization }), 'content-length': body?.length ?? 0 }
      // Those who create tasks do not wait for a connection behind those who poll: they are other
      // clients.
      const agent = method === 'GET' ? agents.GET : agents.other
      const sent = httpRequest(new URL(path, url), { method, agent, headers }, async response => {
        resolve({ status: response.statusCode!, body: Buffer.concat(await response.toArray()).toString() })
      })
      sent.on('error', reject).end(body)
    })
  authorization = JSON.parse((await client('POST', '/v2/signin', JSON.stringify(USER))).body).AccessToken
  return client
}

function create(client: Client) {
  return client('POST', '/v2/task', '{"anonymization_method":"blur","face":true}')
}

/** A third of the tasks without a file, a third queued, a third done: what clients ask for. */
async function prepareTasks(client: Client, complete: (count: number) => Promise<void>): Promise<number[]> {
  const ids: number[] = []
  for (let i = 0; i < TASKS; i++) {
    const task = JSON.parse((await create(client)).body)
    if (i % 3 > 0) await client('PUT', task.upload_url, 'no image')
    ids.push(task.task_id)
  }
  await complete(TASKS / 3)
  return ids
}

/**
 * Sends `polls` status requests and `creates` creations a second for some seconds, on time whether
 * the server keeps up or not.
 */
async function load(client: Client, ids: number[], polls: number, creates: number, seconds: number) {
  const latencies: number[] = []
  const open = new Set<Promise<void>>()
  let polled = 0
  let failed = 0
  const track = (request: Promise<unknown>) => {
    const tracked: Promise<void> = request.then(() => undefined).finally(() => open.delete(tracked))
    open.add(tracked)
  }
  const poll = async (id: number) => {
    const { status } = await client('GET', `/v2/task/${id}/status`)
    if (status === 200) polled++
    else failed++
  }
  const timedCreate = async () => {
    const start = performance.now()
    const { status } = await create(client)
    if (status === 200) latencies.push(performance.now() - start)
    else failed++
  }
  const start = performance.now()
  let [pollsSent, createsSent] = [0, 0]
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - start) / 1000) {
    for (; pollsSent < elapsed * polls; pollsSent++) track(poll(ids[pollsSent % ids.length]))
    for (; createsSent < elapsed * creates; createsSent++) track(timedCreate())
    await sleep(2)
  }
  await Promise.all(open)
  return { latencies, polled, failed }
}
