/** An error of a backing service (database, store) that knows whether it is one of an outage. */
export interface BackingError extends Error {
  /** The service could not be reached, or is starting, stopping or overloaded: try again later. */
  readonly isOutage: boolean
}

/** Whether `error` says that the database or the store is unavailable for now. */
export function isOutage(error: unknown): boolean {
  return error instanceof Error && (error as Partial<BackingError>).isOutage === true
}
