import PQueue from 'p-queue'
import type { Logger } from '../log.js'
import type { Dispatcher } from './dispatcher.js'

// A worker that gets a hint works until no task is left, so more hints are useless; and without a
// worker they must not pile up.
const MAX_WAITING = 1000

/** Hints within one process, in order. They are lost when it ends: workers also poll. */
export function createInProcessDispatcher(log: Logger): Dispatcher {
  const queue = new PQueue({ autoStart: false })
  const waiting = new Set<number>()
  let handle: (taskId: number) => Promise<void>

  async function run(taskId: number): Promise<void> {
    waiting.delete(taskId)
    await handle(taskId).catch(error => log.error({ err: error, taskId }, 'Failed to handle a hint.'))
  }

  return {
    async hint(taskId) {
      if (waiting.has(taskId) || waiting.size >= MAX_WAITING) return
      waiting.add(taskId)
      queue.add(() => run(taskId))
    },
    async start(handler, concurrency) {
      handle = handler
      queue.concurrency = concurrency
      queue.start()
    },
    async stop() {
      queue.pause()
      await queue.onPendingZero()
    },
    async check() {},
    async close() {
      await this.stop()
    },
  }
}
