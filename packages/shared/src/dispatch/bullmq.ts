/** Hints between processes, through BullMQ on Redis. Redis may be away or lose everything at any time: workers look by themselves. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { keptForASecond } from '../kept.js'
import type { Logger } from '../log.js'
import type { Dispatcher } from './dispatcher.js'
import { checkRedis, connectRedis, logInModeration } from './redis.js'

const QUEUE = 'tasks'

// A hint of the same task within this time adds nothing while the first one waits; later, it gets past one that got stuck.
const WINDOW_MS = 60_000

// A worker that takes a hint takes whichever task is next, so with this many waiting, more of them would only fill Redis.
const MOST_WAITING = 10_000

// How long a request may wait for Redis before it goes on without a hint.
const HINT_TIMEOUT_MS = 2000

const JOB = {
  // Attempts, back-off and failed tasks are the table's business.
  attempts: 1,
  // Otherwise a finished job would swallow later hints of the same id.
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
}

// How long BullMQ may take to tell Redis about handled hints when it stops: without Redis it would try for ever.
const GOODBYE_MS = 2000

/**
 * Opens the dispatcher on the Redis at `url` (redis:// or rediss://, with user and password where needed); Redis need not be up yet.
 * Processes with the same `prefix` share their hints.
 */
export function createBullMQDispatcher(url: string, log: Logger, prefix = 'obscura'): Dispatcher {
  const onError = logInModeration(log)
  // Hints fail at once while Redis is away, rather than pile up.
  const connection = connectRedis(url, onError, {
    enableOfflineQueue: false,
    commandTimeout: HINT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
  })
  const queue = new Queue<Hint>(QUEUE, { connection, prefix, defaultJobOptions: JOB })
  queue.on('error', onError)
  // The first hints may come before the connection stands.
  const begun = Promise.race([queue.waitUntilReady().catch(onError), sleep(HINT_TIMEOUT_MS, undefined, { ref: false })])
  const isFull = keptForASecond(async () => (await queue.getPrioritizedCount()) >= MOST_WAITING)
  let taking: Taking | undefined

  return {
    async hint(taskId, attempt) {
      try {
        await begun
        if (connection.status !== 'ready') throw new Error('Redis is not connected.')
        if (await isFull()) return
        const jobId = `${taskId}.${attempt}.${Math.floor(Date.now() / WINDOW_MS)}`
        // Jobs without a priority would overtake all others. Tasks that failed before come after fresh ones.
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
    // A killed worker's hint comes back after at most lock + interval, about when the task's lease runs out.
    lockDuration: 15_000,
    stalledInterval: 10_000,
    // How often a worker may die with a hint is the table's business too.
    maxStalledCount: 1000,
  })
  worker.on('error', onError)

  return {
    async stop() {
      const closed = worker.close()
      while (handling.size > 0) await Promise.all(handling)
      // From here on a broken connection stays broken, that of BullMQ's own too.
      wanted = false
      await Promise.race([closed, sleep(GOODBYE_MS)])
      connection.disconnect()
    },
  }
}
