/** The worker: takes tasks, sweeps, and sends webhooks, until it is stopped. Any number of them may run on one database. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { freeMemory, usableProcessors } from '@obscura/engine/machine'
import { type Config, countReady, createReserve, keptForASecond, ShortageError } from '@obscura/shared'
import { processNextTask, type WorkerServices } from './process-task.js'
import { repeat } from './repeat.js'
import { createSlots } from './slots.js'
import { startSweeper } from './sweeper.js'
import { startWebhooks } from './webhooks.js'

/** How often a worker with an idle slot looks for tasks of which no hint came. */
const LOOK_MS = 500

/** Of the disk's reserve so much may be used for the results of uploads that came when there was more. */
const DISK_SHARE = 0.5

export interface Worker {
  /** @throws ShortageError while disk or memory are so short that it begins no further image */
  check(): Promise<void>
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
  | 'MIN_FREE_MEMORY_MB'
  | 'RETENTION_DAYS'
  | 'TASK_ROWS_DAYS'
  | 'WEBHOOK_ALLOW_PRIVATE'
  | 'WEBHOOK_ON_FAILED'
  | 'WEBHOOK_SECRET'
>

export async function startWorker(services: WorkerServices, config: WorkerConfig): Promise<Worker> {
  const { db, dispatcher, disk, log } = services
  const settings = {
    owner: `${hostname()}/${process.pid}/${randomUUID()}`,
    leaseSeconds: config.TASK_LEASE_SECONDS,
    maxFailures: config.TASK_MAX_FAILURES,
    uploadMaxBytes: config.UPLOAD_MAX_MB * 1e6,
  }
  const stopping = new AbortController()
  // One task more than the engine has children: its file is fetched while they are busy.
  const concurrency = (config.ENGINE_CHILDREN ?? usableProcessors()) + 1
  const memory = createReserve(
    {
      resource: 'memory',
      bytes: config.MIN_FREE_MEMORY_MB * 1e6,
      // A dozen small files: reading them at each look for work would take a third of what a worker does beside the engine.
      measure: keptForASecond(async () => freeMemory()),
      setting: 'MIN_FREE_MEMORY_MB',
    },
    log,
  )
  const check = async () => {
    await memory.require(0)
    await disk?.require(0, DISK_SHARE)
  }
  const hasRoom = () => check().then(() => true, isNoShortage)
  const work = async () => (await hasRoom()) && processNextTask(services, settings, stopping.signal)
  const slots = createSlots(concurrency, work)
  const looking = repeat(LOOK_MS, log, async () => {
    const ready = slots.idle() > 0 && (await hasRoom()) ? await countReady(db, slots.idle()) : 0
    for (let i = 0; i < ready; i++) slots.wake().catch(error => log.error({ err: error }, 'Failed to take a task.'))
  })
  await dispatcher.start(() => slots.wake(), concurrency)
  const sweeper = startSweeper(services, config)
  const webhooks = startWebhooks(services, config)
  log.info({ owner: settings.owner, concurrency }, 'The worker is ready.')

  return {
    check,
    async stop() {
      const deadline = setTimeout(() => stopping.abort(), config.DRAIN_SECONDS * 1000)
      await Promise.all([slots.stop(), looking.stop(), dispatcher.stop(), sweeper.stop(), webhooks.stop()])
      clearTimeout(deadline)
      log.info('The worker has stopped.')
    },
  }
}

/** False for a shortage; @throws anything else */
function isNoShortage(error: unknown): boolean {
  if (error instanceof ShortageError) return false
  throw error
}
