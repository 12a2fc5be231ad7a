import { setTimeout as sleep } from 'node:timers/promises'
import { ContractError, type PolledTask } from '@obscura/shared'
import type { TaskFinder } from '../task-finder.js'
import { renderingState } from './corrected-task.js'

/**
 * Waits until the rendering of a revision has ended, and returns the task as it is then.
 * @throws ContractError taskDeleted
 */
export type RenderingWait = (task: Pick<PolledTask, 'id' | 'customerId'>, revision: number) => Promise<PolledTask>

/** How long, and for how many responses, renderings are waited for. */
export interface WaitLimits {
  /** How long a response waits; the rendering goes on without it. */
  patienceMs: number
  /** Responses of one customer that wait; others come at once. */
  perCustomer: number
}

const LIMITS: WaitLimits = { patienceMs: 10_000, perCustomer: 100 }
/** Pauses between two looks: most renderings take less than a second, a few take a minute. */
const FIRST_PAUSE_MS = 40
const MAX_PAUSE_MS = 500
const LONGER = 1.1

/** Creates a wait whose limits count for all responses of this process. */
export function createRenderingWait(findTask: TaskFinder, { patienceMs, perCustomer }: WaitLimits = LIMITS): RenderingWait {
  const waiting = new Map<string, number>()

  async function look({ id, customerId }: Pick<PolledTask, 'id' | 'customerId'>): Promise<PolledTask> {
    const now = await findTask(customerId, id)
    if (now?.status !== 'done') throw new ContractError('taskDeleted')
    return now
  }

  return async (task, revision) => {
    const hasEnded = (now: PolledTask) => now.renderedRevision >= revision || renderingState(now) === 'failed'
    let now = await look(task)
    const others = waiting.get(task.customerId) ?? 0
    if (hasEnded(now) || others >= perCustomer) return now
    waiting.set(task.customerId, others + 1)
    try {
      const end = performance.now() + patienceMs
      for (
        let pause = FIRST_PAUSE_MS;
        !hasEnded(now) && performance.now() < end;
        pause = Math.min(LONGER * pause, MAX_PAUSE_MS)
      ) {
        await sleep(pause)
        now = await look(task)
      }
      return now
    } finally {
      const left = waiting.get(task.customerId)! - 1
      if (left > 0) waiting.set(task.customerId, left)
      else waiting.delete(task.customerId)
    }
  }
}
