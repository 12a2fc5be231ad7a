import { letOthersRun } from '../turns.js'

/** So long in ms work may go on before everything else in this process gets a turn. */
const MAX_BUSY_MS = 10

/**
 * Runs pieces of work that block the event loop, one after the other, and lets the loop turn
 * between them: pieces that follow each other in microtasks would stop the process, however short
 * each is, until the last of them is done.
 * @returns a function that runs a piece when its turn has come
 */
export function createYieldingQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  let since = performance.now()

  async function wait(): Promise<void> {
    if (performance.now() - since < MAX_BUSY_MS) return
    await letOthersRun()
    since = performance.now()
  }

  return work => {
    const run = last.then(wait).then(work)
    last = run.catch(() => undefined)
    return run
  }
}
