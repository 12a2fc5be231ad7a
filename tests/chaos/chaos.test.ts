/**
 * Production with faults: processes and servers die, clocks jump, and every accepted task must end,
 * once, with its result and its webhook.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createLogger, openBackingServices, readConfig } from '@obscura/shared'
import { startCeph } from '@obscura/test-servers/ceph'
import { type FaultyProxy, startFaultyProxy } from '@obscura/test-servers/faulty-proxy'
import { startPostgres } from '@obscura/test-servers/postgres'
import { startRedis } from '@obscura/test-servers/redis'
import { missing } from '@obscura/test-servers/requirement'
import { freePort } from '@obscura/test-servers/server-folder'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signIn } from './client.js'
import { startClock } from './fake-clock.js'
import { expectEnds, expectOrder, recordEnds, sendDuringFailures } from './outcome.js'
import { type Supervisor, supervise } from './supervisor.js'
import { receiveWebhooks } from './webhook-receiver.js'

const run = promisify(execFile)
const CLI = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url))
const WORKER = fileURLToPath(new URL('stub-worker.ts', import.meta.url))
const TASKS = 300
/** How long a fault lasts. */
const FAULT_MS = 1500
const HOUR = 3600

const lacking = ['initdb', 'redis-server', 'radosgw', 'faketime'] as const

describe.skipIf(lacking.some(missing))('production under fire', () => {
  let folder: string
  let settings: Record<string, string>
  let supervisor: Supervisor
  let stopServers: () => Promise<unknown>
  let faults: (() => Promise<unknown>)[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'obscura-chaos-'))
    await chmod(folder, 0o755) // PostgreSQL's user must read its clock
    const [apiClock, workerClock, databaseClock] = await Promise.all(
      ['api', 'worker', 'database'].map(name => startClock(join(folder, `${name}.clock`))),
    )
    const [postgres, redis, s3] = await Promise.all([startPostgres(databaseClock.env), startRedis(), startCeph()])
    const proxy = await startFaultyProxy(s3.endpoint)
    stopServers = () => Promise.all([proxy.stop(), s3.stop(), redis.stop(), postgres.stop()])
    settings = {
      DATABASE_URL: await postgres.createDatabase(),
      REDIS_URL: redis.url,
      S3_ENDPOINT: proxy.url,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      OBSCURA_DATA: folder,
      OBSCURA_PASSWORD: 'under fire',
      PORT: String(await freePort()),
      LOG_LEVEL: 'silent',
      NODE_NO_WARNINGS: '1',
      ENGINE_PROCESSES: '2',
      TASK_LEASE_SECONDS: '5',
      TASK_MAX_FAILURES: '100',
      WEBHOOK_ALLOW_PRIVATE: '1',
      WEBHOOK_ON_FAILED: '1',
    }
    await run(process.execPath, [CLI, 'setup'], { env: { ...process.env, ...settings } })
    const worker = { args: ['--import', 'tsx', WORKER], env: settings }
    supervisor = supervise({
      api: { args: [CLI, 'api'], env: { ...settings, ...apiClock.env } },
      'worker 1': worker,
      'worker 2': { ...worker, env: { ...settings, ...workerClock.env } },
    })
    const restart = async (server: { kill(): Promise<void>; start(): Promise<void> }) => {
      await server.kill()
      await sleep(500)
      await server.start()
    }
    const fault = async (kind: FaultyProxy['fault']) => {
      proxy.fault = kind
      await sleep(FAULT_MS)
      proxy.fault = 'none'
    }
    // Meanwhile S3, whose clock is right, refuses its signed URLs.
    const wrongClock = async (seconds: number) => {
      await apiClock.set(seconds)
      await sleep(FAULT_MS)
      await apiClock.set(0)
    }
    faults = [
      async () => supervisor.kill('worker 1'),
      redis.flush,
      async () => supervisor.kill('api'),
      () => fault('unavailable'),
      () => databaseClock.set(HOUR),
      async () => supervisor.kill('worker 1', 'worker 2'),
      () => restart(postgres),
      () => wrongClock(HOUR),
      () => wrongClock(-HOUR),
      () => workerClock.set(HOUR),
      () => databaseClock.set(-HOUR),
      () => workerClock.set(-HOUR),
      () => restart(redis),
      () => fault('slow'),
    ]
  })

  afterAll(async () => {
    await supervisor?.stop('SIGKILL')
    await stopServers?.()
    if (folder) await rm(folder, { recursive: true })
  })

  test('every accepted task ends once, with its result and its webhook, and leaves no other files', {
    timeout: 300_000,
  }, async () => {
    const backing = await openBackingServices(readConfig(settings), () => '', createLogger('silent'))
    await recordEnds(backing.db)
    const hooks = await receiveWebhooks()
    const client = await signIn(`http://127.0.0.1:${settings.PORT}`, 'admin', 'under fire')
    const accepted = await sendDuringFailures(client, hooks, faults, TASKS)
    expect(accepted.size).toBeGreaterThanOrEqual(TASKS)
    await expectEnds(client, hooks, accepted)
    await supervisor.stop('SIGTERM')
    const attempts = await expectOrder(backing, accepted)
    console.log(`production: ${accepted.size} tasks, ${faults.length} faults, 0 lost, ${attempts} attempts`)
    await Promise.all([backing.close(), hooks.stop()])
  })
})
