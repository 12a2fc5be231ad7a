/**
 * Passes on hints that a task is ready to be claimed. The tasks table is the queue: a lost, doubled or late hint never matters,
 * because a worker claims the row in the database, and looks there by itself every now and then.
 */
export interface Dispatcher {
  /** Says that this task may be claimed. Never throws: without a hint it only starts later. */
  hint(taskId: number, attempt: number): Promise<void>
  /** Calls `handle` for each hint, at most `concurrency` at a time. `handle` may work on another task than the hint's: whose turn it is. */
  start(handle: (taskId: number) => Promise<void>, concurrency: number): Promise<void>
  /** Takes no further hint and waits until those under way are handled. */
  stop(): Promise<void>
  /** Proves that hints can be sent now. @throws when they cannot */
  check(): Promise<void>
  /** Stops for good and lets go of connections. */
  close(): Promise<void>
}
