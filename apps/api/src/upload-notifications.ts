import { findTask, type Logger, reconcileUpload, type TaskServices, taskOfUploadKey } from '@obscura/shared'
import PQueue from 'p-queue'

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

/** Records announced uploads in the background, some at a time. */
export function createUploadNotifications(services: TaskServices, log: Logger): UploadNotifications {
  const queue = new PQueue({ concurrency: CONCURRENCY })
  /** A key that is announced again before its turn has come needs no second look. */
  const waiting = new Set<string>()

  async function settle(key: string): Promise<void> {
    waiting.delete(key)
    try {
      const owner = taskOfUploadKey(key)
      const task = owner && (await findTask(services.db, owner.customerId, owner.id))
      if (task) await reconcileUpload(services, task)
    } catch (error) {
      log.warn({ err: error }, 'Failed to record an announced upload; the sweeper will retry.')
    }
  }

  return {
    add(key) {
      if (!taskOfUploadKey(key) || waiting.has(key) || waiting.size >= MAX_WAITING) return
      waiting.add(key)
      queue.add(() => settle(key))
    },
    async close() {
      queue.clear()
      await queue.onIdle()
    },
  }
}
