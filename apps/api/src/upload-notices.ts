import { findTask, type Logger, settleUpload, type TaskServices, taskOfOriginalKey } from '@obscura/shared'

/** Uploads looked after at once: most of the time goes by waiting for the store. */
const AT_ONCE = 10
/** What comes beyond this is left to the sweeper. */
const MOST_WAITING = 10_000

/** Looks after uploads of which a store told, after whoever told has been answered. */
export interface UploadNotices {
  /** Remembers an object's key; keys that are no original's are ignored. */
  add(key: string): void
  /** Begins nothing more and waits for what is under way. The sweeper finds the rest. */
  close(): Promise<void>
}

export function createUploadNotices(services: TaskServices, log: Logger): UploadNotices {
  const waiting = new Set<string>()
  const running = new Set<Promise<void>>()

  function next(): void {
    while (running.size < AT_ONCE && waiting.size > 0) {
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
    const owner = taskOfOriginalKey(key)
    const task = owner && (await findTask(services.db, owner.customerId, owner.id))
    if (task) await settleUpload(services, task)
  }

  return {
    add(key) {
      if (taskOfOriginalKey(key) && waiting.size < MOST_WAITING) waiting.add(key)
      next()
    },
    async close() {
      waiting.clear()
      await Promise.all(running)
    },
  }
}
