/** The worker: takes tasks, sweeps, and sends webhooks, until it is stopped. Any number of them may run on one database. */
import { randomUUID } from 'node:crypto'
import { availableParallelism, hostname } from 'node:os'
import type { Config } from '@obscura/shared'
import { processNextTask, type WorkerServices } from './process-task.js'
import { startSweeper } from './sweeper.js'
import { startWebhooks } from './webhooks.js'

export interface Worker {
  /** Takes no further task, finishes those under way within DRAIN_SECONDS, hands the others back. */
  stop(): Promise<void>
}

/** The settings a worker reads. */
export type WorkerConfig = Pick<
  Config,
  | 'ENGINE_CHILDREN'
  | 'TASK_LEASE_SECONDS'
  | 'TASK_MAX_FAILURES'
  | 'UPLOAD_MAX_MB'
  | 'DRAIN_SECONDS'
  | 'RETENTION_DAYS'
  | 'WEBHOOK_ALLOW_PRIVATE'
  | 'WEBHOOK_ON_FAILED'
  | 'WEBHOOK_SECRET'
>

export async function startWorker(services: WorkerServices, config: WorkerConfig): Promise<Worker> {
  const { dispatcher, log } = services
  const settings = {
    owner: `${hostname()}/${process.pid}/${randomUUID()}`,
    leaseSeconds: config.TASK_LEASE_SECONDS,
    maxFailures: config.TASK_MAX_FAILURES,
    uploadMaxBytes: config.UPLOAD_MAX_MB * 1e6,
  }
  const stopping = new AbortController()
  // One task more than the engine has children: its file is fetched while they are busy.
  const concurrency = (config.ENGINE_CHILDREN ?? availableParallelism()) + 1
  await dispatcher.start(() => processNextTask(services, settings, stopping.signal), concurrency)
  const sweeper = startSweeper(services, config)
  const webhooks = startWebhooks(services, config)
  log.info({ owner: settings.owner, concurrency }, 'The worker takes tasks.')

  return {
    async stop() {
      const deadline = setTimeout(() => stopping.abort(), config.DRAIN_SECONDS * 1000)
      await Promise.all([dispatcher.stop(), sweeper.stop(), webhooks.stop()])
      clearTimeout(deadline)
      log.info('The worker has stopped.')
    },
  }
}
