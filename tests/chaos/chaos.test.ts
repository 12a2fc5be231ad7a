/** Production under fire: processes and servers die, and every accepted task must end, once, with its result and its webhook. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openPostgres, openS3Store, readConfig, s3Options } from '@obscura/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCeph } from '../servers/ceph.js'
import { startFaultyProxy } from '../servers/faulty-proxy.js'
import { startPostgres } from '../servers/postgres.js'
import { startRedis } from '../servers/redis.js'
import { missing } from '../servers/requirement.js'
import { freePort, until } from '../servers/server-folder.js'
import { signIn } from './client.js'

const run = promisify(execFile)
const CLI = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url))
const WORKER = fileURLToPath(new URL('quick-worker.ts', import.meta.url))
const TASKS = 300
const SENDERS = 4
/** How long the service is left alone after each blow. */
const PAUSE_MS = 1500

const lacking = missing('initdb') || missing('redis-server') || missing('radosgw')

describe.skipIf(lacking)('production under fire', () => {
  let folder: string
  let settings: Record<string, string>
  let stopServers: () => Promise<void>
  let faults: Record<string, () => Promise<unknown>>
  const programs: Record<string, string[]> = {
    api: [CLI, 'api'],
    'worker 1': ['--import', 'tsx', WORKER],
    'worker 2': ['--import', 'tsx', WORKER],
  }
  const processes = new Map<string, ChildProcess>()
  let over = false

  /** Starts a process, and again whenever it ends, as a container runtime does. */
  const keepRunning = (name: string) => {
    const child = spawn(process.execPath, programs[name], { env: { ...process.env, ...settings }, stdio: 'ignore' })
    processes.set(name, child)
    child.on('exit', () => over || setTimeout(keepRunning, 300, name))
  }
  const kill = async (...names: string[]) => {
    for (const name of names) processes.get(name)?.kill('SIGKILL')
  }

  beforeAll(async () => {
    const [postgres, redis, s3] = await Promise.all([startPostgres(), startRedis(), startCeph()])
    const proxy = await startFaultyProxy(s3.endpoint)
    folder = await mkdtemp(join(tmpdir(), 'obscura-chaos-'))
    settings = {
      DATABASE_URL: await postgres.createDatabase(),
      REDIS_URL: redis.url,
      S3_ENDPOINT: proxy.url,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      OBSCURA_DATA: folder,
      OBSCURA_PASSWORD: 'chaos',
      PORT: String(await freePort()),
      LOG_LEVEL: 'silent',
      ENGINE_CHILDREN: '2',
      TASK_LEASE_SECONDS: '5',
      TASK_MAX_FAILURES: '100',
      WEBHOOK_ALLOW_PRIVATE: '1',
    }
    stopServers = async () => {
      await Promise.all([proxy.stop(), s3.stop(), redis.stop(), postgres.stop()])
    }
    const s3Fault = async (fault: 'unavailable' | 'slow') => {
      proxy.fault = fault
      await sleep(PAUSE_MS)
      proxy.fault = 'none'
    }
    faults = {
      'kill worker 1': () => kill('worker 1'),
      'flush Redis': redis.flush,
      'kill the API': () => kill('api'),
      'S3 answers 503': () => s3Fault('unavailable'),
      'kill both workers': () => kill('worker 1', 'worker 2'),
      'restart PostgreSQL': () =>
        postgres
          .kill()
          .then(() => sleep(500))
          .then(postgres.start),
      'restart Redis': () =>
        redis
          .kill()
          .then(() => sleep(500))
          .then(redis.start),
      'S3 is slow': () => s3Fault('slow'),
    }
    await run(process.execPath, [CLI, 'setup'], { env: { ...process.env, ...settings } })
    for (const name of Object.keys(programs)) keepRunning(name)
  })

  afterAll(async () => {
    over = true
    kill(...processes.keys())
    await stopServers?.()
    if (folder) await rm(folder, { recursive: true })
  })

  test('every accepted task ends once, with its result and its webhook, and leaves no other files', {
    timeout: 300_000,
  }, async () => {
    const hooks = await receiveWebhooks()
    const client = await signIn(`http://127.0.0.1:${settings.PORT}`, 'admin', 'chaos')
    const accepted = new Map<number, Buffer>()
    let sent = 0
    const sender = async () => {
      while (sent < TASKS) {
        // The magic bytes of a PNG: the service looks at them before the engine does.
        const content = Buffer.from(`\x89PNG\r\n\x1a\n${sent++}`, 'latin1')
        accepted.set(await client.send(content, hooks.url), content)
      }
    }
    const sending = Promise.all(Array.from({ length: SENDERS }, sender))
    for (const strike of Object.values(faults)) {
      await strike()
      await sleep(PAUSE_MS)
    }
    await sending
    expect(accepted.size).toBe(TASKS)

    const db = await openPostgres(settings.DATABASE_URL, 2)
    const count = async (condition: string) =>
      (await db.query<{ tasks: number }>(`select count(*) as tasks from tasks where ${condition}`))[0].tasks
    // Tasks whose answer got lost on its way were created again by the client: nobody uploads to them.
    const open = `(status in ('queued', 'processing') or status = 'new' and id in (${[...accepted.keys()].join(', ')}))`
    await until(async () => (await count(open)) === 0, 120)
    const tasks = await db.query<{ id: number; status: string; attempt: number }>('select id, status, attempt from tasks')
    const ended = new Map(tasks.map(task => [task.id, task]))
    const lost = [...accepted.keys()].filter(id => ended.get(id)?.status !== 'done')
    expect(lost).toEqual([])

    for (const [id, content] of accepted) expect(await client.download(id)).toEqual(content)
    await until(async () => [...accepted.keys()].every(id => hooks.heard.has(id)), 60)
    await until(async () => (await count(`webhook_status <> 'sent' and status = 'done'`)) === 0, 60)

    // Files of attempts that came to nothing are cleared away after minutes: make it now.
    await db.query(`update tasks set due_time = now() where status = 'done' and due_time is not null`)
    await until(async () => (await count(`status = 'done' and due_time is not null`)) === 0, 60)
    const store = openS3Store(s3Options(readConfig(settings))!)
    const files = (await store.list('', 10_000)).filter(key => accepted.has(Number(key.split('/')[1])))
    const expected = [...accepted.keys()].flatMap(id =>
      ['original', `${ended.get(id)?.attempt}/anonymized.png`].map(name => `${id}/${name}`),
    )
    expect(files.map(key => key.replace(/^[^/]*\//, '')).sort()).toEqual(expected.sort())
    const attempts = [...accepted.keys()].reduce((sum, id) => sum + (ended.get(id)?.attempt ?? 0), 0)
    console.log(`${TASKS} tasks, ${Object.keys(faults).length} blows, 0 lost, ${attempts} attempts`)
    await Promise.all([db.close(), store.close(), hooks.stop()])
  })
})

/** Listens for webhooks and remembers whose came. */
async function receiveWebhooks() {
  const heard = new Set<number>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    heard.add((JSON.parse(body) as { task_id: number }).task_id)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    heard,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
