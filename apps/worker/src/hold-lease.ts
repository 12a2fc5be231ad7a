import { type Backing, type Lease, type Logger, renewLease } from '@obscura/shared'

/** A lease that is kept alive. */
export interface Holding {
  /** Fires when the lease belongs to this worker no longer. */
  lost: AbortSignal
  /** Notes how far the work is, 0..1; the database hears of it with the next renewal. */
  progress(share: number): void
  /** Renews no more. */
  end(): void
}

/** Renews a lease of so many seconds until it is ended. */
export function holdLease(db: Backing['db'], log: Logger, lease: Lease, seconds: number): Holding {
  const lost = new AbortController()
  let share = 0
  const renewing = setInterval(
    () => {
      renewLease(db, lease, seconds, share)
        .then(held => held || lost.abort())
        // The database is away for a moment: the lease may still stand when it is back.
        .catch(error => log.warn({ err: error, taskId: lease.taskId }, 'Failed to renew a lease.'))
    },
    (seconds * 1000) / 4,
  )
  return {
    lost: lost.signal,
    progress: value => {
      share = value
    },
    end: () => clearInterval(renewing),
  }
}
