/**
 * Delivers hints that a task is ready to be claimed. The tasks table is the queue: a lost,
 * duplicate or late hint does no harm, because workers claim rows in the database and also poll it.
 */
export interface Dispatcher {
  /** Announces that this task can be claimed. Never throws: without a hint it only starts later. */
  hint(taskId: number, attempt: number): Promise<void>
  /**
   * Calls `handle` for each hint, at most `concurrency` at a time. `handle` may process another
   * task than that of the hint.
   */
  start(handle: (taskId: number) => Promise<void>, concurrency: number): Promise<void>
  /** Takes no further hints and waits for those in progress. */
  stop(): Promise<void>
  /** Checks that hints can be sent now. @throws when they cannot */
  check(): Promise<void>
  /** Stops permanently and closes connections. */
  close(): Promise<void>
}
