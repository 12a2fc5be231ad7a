/**
 * The sweeper finds tasks without a hint and tasks whose worker died. It guarantees that every
 * accepted task ends.
 */
import {
  type Config,
  deleteExpired,
  deleteExpiredOfCustomers,
  deleteStaleFiles,
  followClock,
  removeDeleted,
  removeLooks,
  retryExpired,
  sweepTask,
  type Task,
  takeDueTasks,
} from '@obscura/shared'
import pLimit from 'p-limit'
import type { WorkerServices } from './process-task.js'
import { type Repetition, repeat } from './repeat.js'

const PAUSE_MS = 1000
/** Maximum number of tasks of each kind per round; the rest waits for the next one. */
const BATCH = 200
/** Tasks taken with one statement: each may contain a megabyte of ignore areas. */
const TAKE_BATCH = 20
/** Tasks swept concurrently: most of the time is spent waiting for the store. */
const CONCURRENCY = 10

export type SweeperConfig = Pick<Config, 'TASK_MAX_FAILURES' | 'RETENTION_DAYS' | 'TASK_ROWS_DAYS' | 'AUDIT_LOG_DAYS'>
type SweeperServices = Omit<WorkerServices, 'engine'>

/** Sweeps again and again until it is stopped. */
export function startSweeper(services: SweeperServices, config: SweeperConfig): Repetition {
  return repeat(PAUSE_MS, services.log, () => sweep(services, config))
}

/**
 * One round: the clock, expired leases, due tasks, files past retention, rows of deleted tasks, old
 * entries of the audit log.
 */
export async function sweep(services: SweeperServices, config: SweeperConfig): Promise<void> {
  const { db, log } = services
  const jump = await followClock(db)
  if (jump !== 0) log.warn({ seconds: Math.round(jump) }, 'The clock of the database jumped, or no sweeper was running.')
  for (const task of await retryExpired(db, config.TASK_MAX_FAILURES, BATCH)) {
    log.warn({ taskId: task.id, attempt: task.attempt, status: task.status }, 'A worker stopped renewing its lease.')
  }
  await sweepDue(services)
  await each(services, await deleteExpiredOfCustomers(db, BATCH), task => deleteStaleFiles(services, task))
  if (config.RETENTION_DAYS > 0) {
    await each(services, await deleteExpired(db, config.RETENTION_DAYS, BATCH), task => deleteStaleFiles(services, task))
  }
  if (config.TASK_ROWS_DAYS > 0) await removeDeleted(db, config.TASK_ROWS_DAYS, BATCH)
  if (config.AUDIT_LOG_DAYS > 0) await removeLooks(db, config.AUDIT_LOG_DAYS, BATCH)
}

async function sweepDue(services: SweeperServices): Promise<void> {
  for (let taken = 0, count = TAKE_BATCH; count === TAKE_BATCH && taken < BATCH; taken += count) {
    const due = await takeDueTasks(services.db, TAKE_BATCH)
    count = due.length
    await each(services, due, task => sweepTask(services, task))
  }
}

// A task that cannot be swept now is due again later: the others must not wait for it.
async function each({ log }: SweeperServices, tasks: Task[], handle: (task: Task) => Promise<void>): Promise<void> {
  await pLimit(CONCURRENCY).map(tasks, task =>
    handle(task).catch(error => log.error({ err: error, taskId: task.id }, 'Failed to sweep a task.')),
  )
}
