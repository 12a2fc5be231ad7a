import PQueue from 'p-queue'

/** A customer has too many waiting uploads. */
export class TooManyUploadsError extends Error {
  override readonly name = 'TooManyUploadsError'
}

/**
 * Receives at most `perCustomer` uploads of each customer at once; up to `waiting` more wait,
 * unread, because clients that send a whole folder at once must not be refused.
 * @returns a function that calls `work` when its turn has come, unless `ended` is aborted first.
 * @throws TooManyUploadsError
 */
export function createUploadSlots(perCustomer: number, waiting: number) {
  const queues = new Map<string, PQueue>()

  return async <T>(customer: string, ended: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const queue = queues.get(customer) ?? new PQueue({ concurrency: perCustomer })
    queues.set(customer, queue)
    if (queue.size >= waiting) throw new TooManyUploadsError('Too many uploads are waiting.')
    try {
      return await queue.add(work, { signal: ended })
    } finally {
      if (queue.size === 0 && queue.pending === 0) queues.delete(customer)
    }
  }
}
