/**
 * The commands of production, each as a process of its own, on PostgreSQL, Redis and S3, with the
 * real engine.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startCeph } from '@obscura/test-servers/ceph'
import { startPostgres } from '@obscura/test-servers/postgres'
import { startRedis } from '@obscura/test-servers/redis'
import { missing } from '@obscura/test-servers/requirement'
import { freePort, until } from '@obscura/test-servers/server-folder'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signIn } from './chaos/client.js'
import { ended, FIXTURES, obscura, printed, start } from './command.js'

describe.skipIf(missing('initdb') || missing('redis-server') || missing('radosgw'))('the commands of production', () => {
  let folder: string
  let env: Record<string, string>
  let stop: () => Promise<unknown>

  beforeAll(async () => {
    const [postgres, redis, s3] = await Promise.all([startPostgres(), startRedis(), startCeph()])
    stop = () => Promise.all([postgres.stop(), redis.stop(), s3.stop()])
    folder = await mkdtemp(path.join(tmpdir(), 'obscura-production-'))
    env = {
      DATABASE_URL: await postgres.createDatabase(),
      REDIS_URL: redis.url,
      S3_ENDPOINT: s3.endpoint,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      OBSCURA_DATA: folder,
      OBSCURA_PASSWORD: 'first secret',
      PORT: String(await freePort()),
      ENGINE_PROFILE: 'fast',
      ENGINE_PROCESSES: '1',
      RETENTION_DAYS: '30',
      NODE_NO_WARNINGS: '1',
    }
  })

  afterAll(async () => {
    await stop?.()
    if (folder) await rm(folder, { recursive: true })
  })

  test('doctor reports what setup has to do, setup does it, then doctor passes', async () => {
    const before = await obscura(['doctor'], { env })
    expect(before.code).toBe(1)
    expect(before.stdout).toMatch(/^FAIL {2}database: .*run obscura setup/m)
    expect(before.stdout).toMatch(/^FAIL {2}store: .*`obscura setup` creates it/m)
    expect(before.stdout).toMatch(/^(ok {2}|warn) {2}sandbox: /m)
    expect(before.stdout).toMatch(/^ok {4}engine: /m)
    const setup = await obscura(['setup'], { env })
    expect(setup.code).toBe(0)
    expect(setup.stderr).toMatch(/^\{.*"event":"user_added".*\}\n\{.*"event":"admin_granted".*\}\n$/)
    expect(setup.stdout).toContain('Objects expire after 37 days.')
    expect((await obscura(['setup'], { env })).stdout).toContain('The bucket obscura exists.')
    const after = await obscura(['doctor'], { env })
    expect(after.stdout).not.toContain('FAIL')
    expect(after.code).toBe(0)
  })

  test('separate API and worker processes anonymize a photo, count it, and stop cleanly', async () => {
    const metricsPort = String(await freePort())
    const api = start(['api'], { env })
    const worker = start(['worker'], { env: { ...env, METRICS_PORT: metricsPort } })
    await Promise.all([printed(api, 'stderr', /The API is listening/), printed(worker, 'stderr', /The worker is ready/)])
    const photo = await readFile(path.join(FIXTURES, 'group-portrait.jpg'))
    const client = await signIn(`http://127.0.0.1:${env.PORT}`, 'admin', 'first secret')
    const task = await client.send(photo)
    await until(async () => (await client.status(task)) === 'done', 120)
    const anonymized = await client.download(task)
    expect(anonymized.subarray(0, 3)).toEqual(photo.subarray(0, 3))
    expect(anonymized.equals(photo)).toBe(false)

    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    expect(metrics).toMatch(/^obscura_tasks_finished_total\{status="done",cause=""\} 1$/m)
    expect(metrics).toMatch(/^obscura_detections_total\{class="face"\} [1-9]/m)
    expect(metrics).toMatch(/^obscura_stage_seconds_count\{stage="detect"\} 1$/m)
    expect((await fetch(`http://127.0.0.1:${metricsPort}/ready`)).status).toBe(200)

    const ending = [ended(api), ended(worker)]
    for (const child of [api, worker]) child.kill('SIGTERM')
    expect((await Promise.all(ending)).map(({ code }) => code)).toEqual([0, 0])
  })

  test.each(['api', 'worker'])('%s without a database to share says what to set', async part => {
    const { code, stderr } = await obscura([part], { env: { ...env, DATABASE_URL: '' } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/set DATABASE_URL/)
  })
})
