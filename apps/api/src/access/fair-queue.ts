import { ContractError, type ErrorCode, letOthersRun } from '@obscura/shared'

/**
 * Runs `work` when the turn of `key` has come.
 * @throws ContractError when too much waits
 */
export type FairQueue = <T>(key: string, work: () => Promise<T>) => Promise<T>

/**
 * Limits how much runs at once and how much waits. Keys take turns: whoever sends thousands waits
 * for them alone, and when the queue is full a key that has nothing in it may still wait. After
 * each piece of work everything else has some turns of the event loop.
 * @param refusal the error when the queue is full
 */
export function createFairQueue(concurrency: number, maxWaiting: number, refusal: ErrorCode = 'signInBusy'): FairQueue {
  /** What waits, by key; the key whose turn comes next is the first. */
  const queues = new Map<string, (() => void)[]>()
  let running = 0
  let waiting = 0

  function next(): void {
    for (const [key, queue] of queues) {
      if (running >= concurrency) return
      queues.delete(key)
      const begin = queue.shift()
      if (queue.length > 0) queues.set(key, queue)
      waiting--
      running++
      begin?.()
    }
  }

  return async (key, work) => {
    const queue = queues.get(key) ?? []
    if (waiting >= maxWaiting && (queue.length > 0 || waiting >= 2 * maxWaiting)) throw new ContractError(refusal)
    await new Promise<void>(begin => {
      queues.set(key, queue)
      queue.push(begin)
      waiting++
      next()
    })
    try {
      return await work()
    } finally {
      void letOthersRun().then(() => {
        running--
        next()
      })
    }
  }
}
