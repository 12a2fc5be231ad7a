import { Registry, register } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Db } from '../db/db.js'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { claimTask } from '../tasks/lease.js'
import { makeCustomer } from '../tasks/test/tasks.js'
import { startMetricsServer } from './metrics-server.js'
import { measureQueue, readQueue } from './queue-metrics.js'
import { countDetections, countFailedAttempt, countFinished, countWebhook, type FinishedTask } from './worker-metrics.js'

const FINISHED: FinishedTask = {
  status: 'done',
  failureCause: null,
  uploadTime: new Date(0),
  finishTime: new Date(3000),
  timings: { decode: 120, detect: 900 },
  outputWidth: 2000,
  outputHeight: 1500,
}

async function values(registry: Registry = register): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map(line => [line.replace(/ [^ ]*$/, ''), Number(line.split(' ').at(-1))]))
}

test('what a worker finishes is counted', async () => {
  countFinished(FINISHED)
  countFinished({ ...FINISHED, status: 'failed', failureCause: 'IMAGE_DEFECT' })
  countDetections([
    { class: 'face', score: 0.9, box: [0, 0, 1, 1], anonymised: true },
    { class: 'face', score: 0.8, box: [2, 2, 3, 3], anonymised: true },
    { class: 'vehicle', score: 0.8, box: [2, 2, 3, 3], anonymised: false },
  ])
  countFailedAttempt('crash')
  countWebhook('sent')
  expect(await values()).toMatchObject({
    'obscura_tasks_finished_total{status="done",cause=""}': 1,
    'obscura_tasks_finished_total{status="failed",cause="IMAGE_DEFECT"}': 1,
    'obscura_task_seconds_bucket{le="2.5"}': 0,
    'obscura_task_seconds_bucket{le="5"}': 2,
    'obscura_stage_seconds_sum{stage="decode"}': 0.12,
    'obscura_stage_seconds_count{stage="detect"}': 1,
    obscura_megapixels_total: 3,
    'obscura_detections_total{class="face"}': 2,
    'obscura_detections_total{class="vehicle"}': 1,
    'obscura_attempts_failed_total{reason="crash"}': 1,
    'obscura_webhooks_total{result="sent"}': 1,
  })
})

describe('the queue', () => {
  onEachDatabase(db => {
    beforeAll(() => migrate(db))

    test('is empty at first', async () => {
      expect(await readQueue(db)).toEqual({ queued: 0, processing: 0, oldestSeconds: 0 })
    })

    test('shows how many wait, for how long, and how many are worked on', async () => {
      await db.query(
        `insert into tasks (id, customer_id, parameters, webhook_status, status, upload_expire_time, ready_time)
         select n, $1, '{}', 'empty', 'queued', now(), now() - make_interval(secs => n * 10) from generate_series(1, 4) as n`,
        [await makeCustomer(db)],
      )
      await claimTask(db, 'worker', 60)
      const registry = new Registry()
      measureQueue(db, registry)
      const shown = await values(registry)
      expect(shown).toMatchObject({ obscura_database_up: 1, obscura_queue_tasks: 3, obscura_processing_tasks: 1 })
      expect(shown.obscura_queue_age_seconds).toBeGreaterThanOrEqual(40)
      expect(shown.obscura_queue_age_seconds).toBeLessThan(100)
    })
  })

  test('has no figures while the database is unavailable', async () => {
    const registry = new Registry()
    measureQueue({ query: () => Promise.reject(new Error('The database is away.')) } as Pick<Db, 'query'>, registry)
    const shown = await values(registry)
    expect(shown.obscura_database_up).toBe(0)
    expect(shown.obscura_queue_tasks).toBeNaN()
  })
})

describe('the port of metrics and health', () => {
  let ready = true
  let server: Awaited<ReturnType<typeof startMetricsServer>>
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`)
    return [response.status, await response.text()] as const
  }

  beforeAll(async () => {
    server = await startMetricsServer(0, '127.0.0.1', async () => {
      if (!ready) throw new Error('The database is away.')
    })
  })

  afterAll(() => server.close())

  test('serves metrics of task and process', async () => {
    const [status, body] = await get('/metrics')
    expect(status).toBe(200)
    expect(body).toContain('obscura_webhooks_total')
    expect(body).toContain('process_resident_memory_bytes')
  })

  test('is healthy while the process lives, and ready while its services are', async () => {
    expect(await get('/health')).toEqual([200, 'ok\n'])
    expect(await get('/ready')).toEqual([200, 'ready\n'])
    ready = false
    expect(await get('/health')).toEqual([200, 'ok\n'])
    expect(await get('/ready')).toEqual([503, 'The database is away.\n'])
    expect((await get('/secrets'))[0]).toBe(404)
  })
})
