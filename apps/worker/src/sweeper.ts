/** The sweeper: finds every task that nobody told of, or whose worker is gone. It alone makes sure that each accepted task ends. */
import {
  type Config,
  deleteExpired,
  followClock,
  removeDeleted,
  retryExpired,
  sweepTask,
  type Task,
  takeDueTasks,
  tidyFiles,
} from '@obscura/shared'
import type { WorkerServices } from './process-task.js'
import { type Repetition, repeat } from './repeat.js'

const PAUSE_MS = 1000
/** Tasks a round takes of each kind; the rest waits for the next one. */
const BATCH = 200
/** Tasks looked after at once: most of the time goes by waiting for the store. */
const AT_ONCE = 10

export type SweeperConfig = Pick<Config, 'TASK_MAX_FAILURES' | 'RETENTION_DAYS' | 'TASK_ROWS_DAYS'>
type SweeperServices = Omit<WorkerServices, 'engine'>

export function startSweeper(services: SweeperServices, config: SweeperConfig): Repetition {
  return repeat(PAUSE_MS, services.log, () => sweep(services, config))
}

/** One round: the clock, expired leases, tasks that are due, files beyond the retention time, rows of tasks deleted long ago. */
export async function sweep(services: SweeperServices, config: SweeperConfig): Promise<void> {
  const { db, log } = services
  const jump = await followClock(db)
  if (jump !== 0) log.warn({ seconds: Math.round(jump) }, 'The clock of the database jumped, or no sweeper was running.')
  for (const task of await retryExpired(db, config.TASK_MAX_FAILURES, BATCH)) {
    log.warn({ taskId: task.id, attempt: task.attempt, status: task.status }, 'A worker stopped renewing its lease.')
  }
  await each(services, await takeDueTasks(db, BATCH), task => sweepTask(services, task))
  if (config.RETENTION_DAYS > 0) {
    await each(services, await deleteExpired(db, config.RETENTION_DAYS, BATCH), task => tidyFiles(services, task))
  }
  if (config.TASK_ROWS_DAYS > 0) await removeDeleted(db, config.TASK_ROWS_DAYS, BATCH)
}

// A task that cannot be looked after now is due again later: the others must not wait for it.
async function each({ log }: SweeperServices, tasks: Task[], look: (task: Task) => Promise<void>): Promise<void> {
  const waiting = tasks.values()
  const looker = async () => {
    for (const task of waiting) {
      await look(task).catch(error => log.error({ err: error, taskId: task.id }, 'Failed to sweep a task.'))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, looker))
}
