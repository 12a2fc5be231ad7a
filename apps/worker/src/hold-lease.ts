import { type BackingServices, type Lease, type Logger, renewLease } from '@obscura/shared'

/** A lease that is renewed in the background. */
export interface Holding {
  /** Aborted when this worker has lost the lease. */
  lost: AbortSignal
  /** Sets the progress 0..1, which is written to the database with the next renewal. */
  progress(fraction: number): void
  /** Stops renewing. */
  end(): void
}

/** Renews a lease until it is ended. */
export function holdLease(db: BackingServices['db'], log: Logger, lease: Lease, seconds: number): Holding {
  const lost = new AbortController()
  let fraction = 0
  const renewing = setInterval(
    () => {
      renewLease(db, lease, seconds, fraction)
        .then(held => held || lost.abort())
        // The database is temporarily unavailable: the lease may still be valid when it is back.
        .catch(error => log.warn({ err: error, taskId: lease.taskId }, 'Failed to renew a lease.'))
    },
    (seconds * 1000) / 4,
  )
  return {
    lost: lost.signal,
    progress: value => {
      fraction = value
    },
    end: () => clearInterval(renewing),
  }
}
