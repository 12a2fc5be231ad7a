import { filesOf, type Item } from '../anonymize/plan.js'
import { versionOf } from '../images/read-image.js'

/** A failed image is tried again after this time: a mount or a busy machine may be to blame. */
const RETRY_MS = 15 * 60_000

interface Seen {
  /** Version of the image, and the names of its results. */
  stamp: string
  /** Not to be processed before this time, in milliseconds of a monotonic clock. */
  notBefore: number
}

/** Remembers each image of the watched folder, and knows which have stopped changing. */
export interface Arrivals {
  /**
   * The items to process now: unchanged for the settling time and not processed in this version.
   * Items that are not listed are forgotten.
   */
  ready(items: readonly Item[], now: number): Promise<Item[]>
  /** Records that an item has been processed in the version that `ready` saw. */
  processed(item: Item, hasFailed: boolean, now: number): void
}

/** @param settleMs time without a change of size, modification time or planned results */
export function createArrivals(settleMs: number): Arrivals {
  let known = new Map<string, Seen>()
  return {
    async ready(items, now) {
      const present = new Map<string, Seen>()
      const settled: Item[] = []
      for (const item of items) {
        // Moved or deleted since the folder was read: not an error.
        const version = await versionOf(item.file).catch(() => undefined)
        if (version === undefined) continue
        const stamp = [version, ...filesOf(item)].join('\0')
        const before = known.get(item.file)
        const seen = before?.stamp === stamp ? before : { stamp, notBefore: now + settleMs }
        present.set(item.file, seen)
        if (now >= seen.notBefore) settled.push(item)
      }
      known = present
      return settled
    },
    processed(item, hasFailed, now) {
      const seen = known.get(item.file)
      if (seen) seen.notBefore = hasFailed ? now + RETRY_MS : Number.POSITIVE_INFINITY
    },
  }
}
