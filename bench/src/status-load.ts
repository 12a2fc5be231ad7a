/**
 * `node dist/status-load.js`: how long creating a task takes while 1,000 status requests a second reach the same API process, against an idle
 * one. The API runs in a process of its own on the embedded database and store; this process is the clients. Prints a table.
 */
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { apiSettings, buildApp } from '@obscura/api'
import { addUser, claimTask, completeTask, createLogger, openBacking, readConfig } from '@obscura/shared'

const { values } = parseArgs({
  options: {
    polls: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    creates: { type: 'string', default: '20' },
    server: { type: 'string' },
  },
})
const USER = { username: 'bench', password: 'bench' }
const TASKS = 300

if (values.server) await serve(values.server)
else await measure(Number(values.polls), Number(values.creates), Number(values.seconds))

/** The API process: as `obscura serve`, without a worker. It finishes queued tasks when told to, since only it may open the database. */
async function serve(folder: string): Promise<void> {
  let url = ''
  const log = createLogger('error')
  const config = readConfig({ OBSCURA_DATA: folder })
  const backing = await openBacking(config, () => url, log)
  const settings = apiSettings(config, () => url)
  const app = await buildApp({ ...backing, log, settings })
  await addUser(backing.db, USER.username, USER.password, 'bench')
  url = await app.listen({ port: 0 })
  process.on('message', async (count: number) => {
    for (let i = 0; i < count; i++) {
      const task = await claimTask(backing.db, 'bench', 600)
      const result = { outputFormat: 'jpeg', outputWidth: 1, outputHeight: 1, detections: [], timings: {} } as const
      if (task) await completeTask(backing.db, { taskId: task.id, owner: 'bench', attempt: task.attempt }, result)
    }
    process.send!('completed')
  })
  process.on('disconnect', async () => {
    await app.close()
    await backing.close()
  })
  process.on('SIGUSR2', () => process.send!(process.cpuUsage()))
  process.send!(url)
}

async function measure(polls: number, creates: number, seconds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'obscura-bench-'))
  const server = fork(new URL(import.meta.url), ['--server', folder])
  const message = <T>() => new Promise<T>(resolve => server.once('message', value => resolve(value as T)))
  const cpu = async () => {
    server.kill('SIGUSR2')
    const { user, system } = await message<NodeJS.CpuUsage>()
    return (user + system) / 1e6
  }
  try {
    const client = await signIn(await message<string>())
    const ids = await prepareTasks(client, async count => {
      server.send(count)
      await message()
    })
    await run(client, ids, 0, creates, 3)
    const rows = []
    for (const [name, rate] of [
      ['idle', 0],
      ['loaded', polls],
    ] as const) {
      const before = await cpu()
      const { latencies, polled, failed } = await run(client, ids, rate, creates, seconds)
      const used = (await cpu()) - before
      rows.push({
        name,
        polled: polled / seconds,
        failed,
        p50: quantile(latencies, 0.5),
        p95: quantile(latencies, 0.95),
        cpu: used / seconds,
      })
    }
    console.table(
      rows.map(row => ({
        server: row.name,
        'polls/s answered': Math.round(row.polled),
        'not answered with 200': row.failed,
        'create p50 (ms)': row.p50.toFixed(1),
        'create p95 (ms)': row.p95.toFixed(1),
        'API cores used': row.cpu.toFixed(2),
      })),
    )
    console.log(`p95 under load / idle: ${(rows[1].p95 / rows[0].p95).toFixed(2)}`)
  } finally {
    server.disconnect()
    await new Promise(resolve => server.once('exit', resolve))
    await rm(folder, { recursive: true, force: true })
  }
}

type Client = (method: string, path: string, body?: string) => Promise<{ status: number; body: string }>

async function signIn(url: string): Promise<Client> {
  const agents = { GET: new Agent({ keepAlive: true, maxSockets: 100 }), other: new Agent({ keepAlive: true }) }
  let authorization: string | undefined
  const client: Client = (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = { ...(authorization && { authorization }), 'content-length': body?.length ?? 0 }
      // Those who create tasks do not wait for a connection behind those who poll: they are other clients.
      const agent = method === 'GET' ? agents.GET : agents.other
      const sent = httpRequest(new URL(path, url), { method, agent, headers }, async answer => {
        resolve({ status: answer.statusCode!, body: Buffer.concat(await answer.toArray()).toString() })
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

/** Sends `polls` status requests and `creates` creations a second for some seconds, on time whether the server keeps up or not. */
async function run(client: Client, ids: number[], polls: number, creates: number, seconds: number) {
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

function quantile(samples: number[], q: number): number {
  return samples.sort((a, b) => a - b)[Math.floor(samples.length * q)]
}
