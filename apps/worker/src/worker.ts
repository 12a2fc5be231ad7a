/**
 * The worker: processes tasks, sweeps, and sends webhooks until it is stopped. Any number of
 * workers can share a database.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { freeMemory, usableCpus } from '@obscura/engine/machine'
import { type Config, cacheForMs, countReady, createReserve, ShortageError, type WorkerModels } from '@obscura/shared'
import { watchFitness } from './fitness.js'
import { startModelsWatch } from './models-watch.js'
import { processNextTask, type WorkerServices } from './process-task.js'
import { startRenderings } from './render-revision.js'
import { repeat } from './repeat.js'
import { createSlots } from './slots.js'
import { startSweeper } from './sweeper.js'
import { startWebhooks } from './webhooks.js'

/** How often a worker with an idle slot looks for tasks without a hint. */
const POLL_MS = 500

/** Fraction of the disk reserve available to results of already accepted uploads. */
const DISK_FRACTION = 0.5

/** A running worker. */
export interface Worker {
  /**
   * @throws ShortageError while disk or memory are too short to start another image; EngineError
   * while models cannot be loaded
   */
  check(): Promise<void>
  /**
   * Takes no further tasks, finishes those in progress within DRAIN_SECONDS, and hands the others
   * back.
   */
  stop(): Promise<void>
}

/** The settings of a worker. */
export type WorkerConfig = Pick<
  Config,
  | 'ENGINE_PROCESSES'
  | 'TASK_LEASE_SECONDS'
  | 'TASK_MAX_FAILURES'
  | 'UPLOAD_MAX_MB'
  | 'DRAIN_SECONDS'
  | 'MIN_FREE_MEMORY_MB'
  | 'RETENTION_DAYS'
  | 'TASK_ROWS_DAYS'
  | 'AUDIT_LOG_DAYS'
  | 'WEBHOOK_ALLOW_PRIVATE'
  | 'WEBHOOK_ON_FAILED'
  | 'WEBHOOK_SECRET'
>

/** @param models what its engine detects with, to be compared to other workers */
export async function startWorker(given: WorkerServices, config: WorkerConfig, models?: WorkerModels): Promise<Worker> {
  const { engine, requireFit } = watchFitness(given.engine)
  const services = { ...given, engine }
  const { db, dispatcher, disk, log } = services
  const settings = {
    owner: `${hostname()}/${process.pid}/${randomUUID()}`,
    leaseSeconds: config.TASK_LEASE_SECONDS,
    maxFailures: config.TASK_MAX_FAILURES,
    uploadMaxBytes: config.UPLOAD_MAX_MB * 1e6,
  }
  const stopping = new AbortController()
  // One more than the engine has processes: the file of the next task is fetched while they are
  // busy.
  const concurrency = (config.ENGINE_PROCESSES ?? usableCpus()) + 1
  const memory = createReserve(
    {
      resource: 'memory',
      bytes: config.MIN_FREE_MEMORY_MB * 1e6,
      // Cached: reading a dozen small files for each task would take a third of the worker's own
      // CPU time.
      measure: cacheForMs(1000, async () => freeMemory()),
      setting: 'MIN_FREE_MEMORY_MB',
    },
    log,
  )
  const requireRoom = async () => {
    await memory.require(0)
    await disk?.require(0, DISK_FRACTION)
  }
  const hasRoom = () => requireRoom().then(() => true, falseIfShortage)
  const work = async () => (await hasRoom()) && processNextTask(services, settings, stopping.signal)
  const slots = createSlots(concurrency, work)
  const polling = repeat(POLL_MS, log, async () => {
    const ready = slots.idle() > 0 && (await hasRoom()) ? await countReady(db, slots.idle()) : 0
    for (let i = 0; i < ready; i++) slots.wake().catch(error => log.error({ err: error }, 'Failed to take a task.'))
  })
  await dispatcher.start(() => slots.wake(), concurrency)
  const sweeper = startSweeper(services, config)
  const webhooks = startWebhooks(services, config)
  const renderings = startRenderings(services, config.TASK_LEASE_SECONDS, hasRoom)
  const watch = models && startModelsWatch(services, settings.owner, models)
  log.info({ owner: settings.owner, concurrency }, 'The worker is ready.')

  return {
    async check() {
      requireFit()
      await requireRoom()
    },
    async stop() {
      const deadline = setTimeout(() => stopping.abort(), config.DRAIN_SECONDS * 1000)
      const others = [polling, dispatcher, sweeper, webhooks, renderings, watch]
      await Promise.all([slots.stop(), ...others.map(service => service?.stop())])
      clearTimeout(deadline)
      log.info('The worker has stopped.')
    },
  }
}

/** Returns false for a shortage; @throws any other error */
function falseIfShortage(error: unknown): boolean {
  if (error instanceof ShortageError) return false
  throw error
}
