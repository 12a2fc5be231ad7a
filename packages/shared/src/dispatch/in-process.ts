import type { Logger } from '../log.js'
import type { Dispatcher } from './dispatcher.js'

// A worker that gets a hint works until no task is left, so more hints are useless; and without a
// worker they must not pile up.
const MAX_WAITING = 1000

/** Hints within one process, in order. They are lost when it ends: workers also poll. */
export function createInProcessDispatcher(log: Logger): Dispatcher {
  const waiting = new Set<number>()
  const running = new Set<Promise<void>>()
  let handle: ((taskId: number) => Promise<void>) | undefined
  let concurrency = 0

  function next(): void {
    while (handle && running.size < concurrency && waiting.size > 0) {
      const [taskId] = waiting
      waiting.delete(taskId)
      const run = handle(taskId)
        .catch(error => log.error({ err: error, taskId }, 'Failed to handle a hint.'))
        .finally(() => {
          running.delete(run)
          next()
        })
      running.add(run)
    }
  }

  return {
    async hint(taskId) {
      if (waiting.size < MAX_WAITING) waiting.add(taskId)
      next()
    },
    async start(handler, atOnce) {
      handle = handler
      concurrency = atOnce
      next()
    },
    async stop() {
      handle = undefined
      await Promise.all(running)
    },
    async check() {},
    async close() {
      await this.stop()
    },
  }
}
