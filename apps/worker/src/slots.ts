/** Concurrent slots of a worker. */
export interface Slots {
  /**
   * Starts an idle slot, which works until there is nothing left. Resolves when it is idle again,
   * or immediately when all are busy.
   */
  wake(): Promise<void>
  /** Number of idle slots. */
  idle(): number
  /** Starts nothing more and waits for work in progress. */
  stop(): Promise<void>
}

/**
 * Creates `count` slots, each of which calls `work` repeatedly until it returns false (nothing to
 * do) or throws.
 */
export function createSlots(count: number, work: () => Promise<boolean>): Slots {
  const busy = new Set<Promise<void>>()
  let stopped = false
  // A wake found no idle slot: a slot that just found nothing checks again, because its result may
  // be older.
  let missed = false

  async function run(): Promise<void> {
    do missed = false
    while (((await work()) || missed) && !stopped)
  }

  return {
    async wake() {
      if (stopped) return
      if (busy.size >= count) {
        missed = true
        return
      }
      const running = run().finally(() => busy.delete(running))
      busy.add(running)
      await running
    },
    idle: () => count - busy.size,
    async stop() {
      stopped = true
      await Promise.allSettled(busy)
    },
  }
}
