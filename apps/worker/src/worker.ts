/** The worker: takes tasks, sweeps, and sends webhooks, until it is stopped. Any number of them may run on one database. */
import { randomUUID } from 'node:crypto'
import { availableParallelism, hostname } from 'node:os'
import { type Config, countReady } from '@obscura/shared'
import { processNextTask, type WorkerServices } from './process-task.js'
import { repeat } from './repeat.js'
import { createSlots } from './slots.js'
import { startSweeper } from './sweeper.js'
import { startWebhooks } from './webhooks.js'

/** How often a worker with an idle slot looks for tasks of which no hint came. */
const LOOK_MS = 500

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
  const { db, dispatcher, log } = services
  const settings = {
    owner: `${hostname()}/${process.pid}/${randomUUID()}`,
    leaseSeconds: config.TASK_LEASE_SECONDS,
    maxFailures: config.TASK_MAX_FAILURES,
    uploadMaxBytes: config.UPLOAD_MAX_MB * 1e6,
  }
  const stopping = new AbortController()
  // One task more than the engine has children: its file is fetched while they are busy.
  const concurrency = (config.ENGINE_CHILDREN ?? availableParallelism()) + 1
  const slots = createSlots(concurrency, () => processNextTask(services, settings, stopping.signal))
  const looking = repeat(LOOK_MS, log, async () => {
    const ready = slots.idle() > 0 ? await countReady(db, slots.idle()) : 0
    for (let i = 0; i < ready; i++) slots.wake().catch(error => log.error({ err: error }, 'A task could not be taken.'))
  })
  await dispatcher.start(() => slots.wake(), concurrency)
  const sweeper = startSweeper(services, config)
  const webhooks = startWebhooks(services, config)
  log.info({ owner: settings.owner, concurrency }, 'The worker takes tasks.')

  return {
    async stop() {
      const deadline = setTimeout(() => stopping.abort(), config.DRAIN_SECONDS * 1000)
      await Promise.all([slots.stop(), looking.stop(), dispatcher.stop(), sweeper.stop(), webhooks.stop()])
      clearTimeout(deadline)
      log.info('The worker has stopped.')
    },
  }
}
