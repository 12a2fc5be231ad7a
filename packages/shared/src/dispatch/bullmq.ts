/**
 * Hints between processes, through BullMQ on Redis. Redis may be unavailable or lose all data at
 * any time: workers also poll.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { cacheForMs } from '../cache.js'
import type { Logger } from '../log.js'
import type { Dispatcher } from './dispatcher.js'
import { checkRedis, connectRedis, logAtIntervals } from './redis.js'

const QUEUE = 'tasks'

// A repeated hint within this time is dropped while the first one waits; later it bypasses one that
// is stuck.
const WINDOW_MS = 60_000

// A worker that gets a hint takes whichever task is next, so more hints than this would only fill
// Redis.
const MAX_WAITING = 10_000

// How long a request waits for Redis before it continues without a hint.
const HINT_TIMEOUT_MS = 2000

const JOB = {
  // Attempts, back-off and failed tasks are handled by the tasks table.
  attempts: 1,
  // Otherwise a finished job would swallow later hints with the same ID.
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
}

// How long BullMQ may take to tell Redis about handled hints when it stops: without Redis it would
// retry forever.
const CLOSE_TIMEOUT_MS = 2000

/**
 * Opens the dispatcher on the Redis at `url` (redis:// or rediss://, with user and password where
 * needed); Redis need not be available yet. Processes with the same `prefix` share their hints.
 */
export function createBullMQDispatcher(url: string, log: Logger, prefix = 'obscura'): Dispatcher {
  const onError = logAtIntervals(log)
  // Hints fail immediately while Redis is unavailable, instead of piling up.
  const connection = connectRedis(url, onError, {
    enableOfflineQueue: false,
    commandTimeout: HINT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
  })
  const queue = new Queue<Hint>(QUEUE, { connection, prefix, defaultJobOptions: JOB })
  queue.on('error', onError)
  // The first hints may be sent before the connection is established.
  const begun = Promise.race([queue.waitUntilReady().catch(onError), sleep(HINT_TIMEOUT_MS, undefined, { ref: false })])
  const isFull = cacheForMs(1000, async () => (await queue.getPrioritizedCount()) >= MAX_WAITING)
  let taking: Taking | undefined

  return {
    async hint(taskId, attempt) {
      try {
        await begun
        if (connection.status !== 'ready') throw new Error('Redis is not connected.')
        if (await isFull()) return
        const jobId = `${taskId}.${attempt}.${Math.floor(Date.now() / WINDOW_MS)}`
        // Jobs without a priority would overtake all others. Retried tasks come after new ones.
        await queue.add('hint', { taskId }, { jobId, priority: attempt + 1 })
      } catch (error) {
        onError(error as Error)
      }
    },
    async start(handle, concurrency) {
      taking = take(url, prefix, handle, concurrency, log, onError)
    },
    async stop() {
      await taking?.stop()
      taking = undefined
    },
    check: () => checkRedis(url),
    async close() {
      await this.stop()
      await queue.close()
      connection.disconnect()
    },
  }
}

interface Hint {
  taskId: number
}

interface Taking {
  stop(): Promise<void>
}

function take(
  url: string,
  prefix: string,
  handle: (taskId: number) => Promise<void>,
  concurrency: number,
  log: Logger,
  onError: (error: Error) => void,
): Taking {
  let wanted = true
  const connection = connectRedis(url, onError, { maxRetriesPerRequest: null }, () => wanted)
  const handling = new Set<Promise<void>>()
  const process = async ({ data: { taskId } }: { data: Hint }) => {
    const handled = handle(taskId)
      .catch(error => log.error({ err: error, taskId }, 'Failed to handle a hint.'))
      .finally(() => handling.delete(handled))
    handling.add(handled)
    await handled
  }
  const worker = new Worker<Hint>(QUEUE, process, {
    connection,
    prefix,
    concurrency,
    // The hint of a killed worker returns after at most lock + interval, about when the lease of
    // the task expires.
    lockDuration: 15_000,
    stalledInterval: 10_000,
    // Repeated deaths of workers are handled by the tasks table too.
    maxStalledCount: 1000,
  })
  worker.on('error', onError)

  return {
    async stop() {
      const closed = worker.close()
      while (handling.size > 0) await Promise.all(handling)
      // From here on broken connections are not restored, including BullMQ's own.
      wanted = false
      await Promise.race([closed, sleep(CLOSE_TIMEOUT_MS)])
      connection.disconnect()
    },
  }
}
