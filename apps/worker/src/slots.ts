/** Places in which a worker works at once. */
export interface Slots {
  /** Fills an idle slot, which works until there is nothing left. @returns when it is idle again, or at once when all of them are busy */
  wake(): Promise<void>
  /** How many slots could be filled. */
  idle(): number
  /** Begins nothing more and waits for what is under way. */
  stop(): Promise<void>
}

/** `count` slots, each of which calls `work` again and again until it answers false (nothing to do) or throws. */
export function createSlots(count: number, work: () => Promise<boolean>): Slots {
  const busy = new Set<Promise<void>>()
  let stopped = false
  // A wake that found no idle slot: one that has just found nothing looks once more, because its answer may be older.
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
