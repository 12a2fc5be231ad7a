import { findTask, type Logger, reconcileUpload, type TaskServices, taskOfUploadKey } from '@obscura/shared'

/** Uploads handled at once: most of the time is spent waiting for the store. */
const CONCURRENCY = 10
/** Further uploads are left to the sweeper. */
const MAX_WAITING = 10_000

/** Handles uploads announced by the store, after the announcement has been answered. */
export interface UploadNotifications {
  /** Queues the key of an object; keys of files other than originals are ignored. */
  add(key: string): void
  /** Starts nothing more and waits for uploads in progress. The sweeper handles the rest. */
  close(): Promise<void>
}

export function createUploadNotifications(services: TaskServices, log: Logger): UploadNotifications {
  const waiting = new Set<string>()
  const running = new Set<Promise<void>>()

  function next(): void {
    while (running.size < CONCURRENCY && waiting.size > 0) {
      const [key] = waiting
      waiting.delete(key)
      const run = settle(key)
        .catch(error => log.warn({ err: error }, 'Failed to record an announced upload; the sweeper will retry.'))
        .finally(() => {
          running.delete(run)
          next()
        })
      running.add(run)
    }
  }

  async function settle(key: string): Promise<void> {
    const owner = taskOfUploadKey(key)
    const task = owner && (await findTask(services.db, owner.customerId, owner.id))
    if (task) await reconcileUpload(services, task)
  }

  return {
    add(key) {
      if (taskOfUploadKey(key) && waiting.size < MAX_WAITING) waiting.add(key)
      next()
    },
    async close() {
      waiting.clear()
      await Promise.all(running)
    },
  }
}
