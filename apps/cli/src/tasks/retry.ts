import type { TaskSelection } from '@obscura/shared'
import { CommandError } from '../command-error.js'
import type { TaskAdmin } from './task-admin.js'

/** Tasks selected at once. */
const PAGE = 200
/** Tasks queued at once: most of the time is spent checking for their originals. */
const CONCURRENCY = 10

/** Number of queued tasks, and why the others were refused. */
export interface RetrySummary {
  queued: number
  /** IDs by the reason of refusal. */
  refused: Map<string, number[]>
}

/** A selection of failed tasks. */
export type FailedSelection = Pick<TaskSelection, 'cause' | 'customer' | 'endedFrom'>

/** Retries all failed tasks of a selection. */
export async function retrySelected(admin: TaskAdmin, selection: FailedSelection): Promise<RetrySummary> {
  const summary: RetrySummary = { queued: 0, refused: new Map() }
  for await (const ids of pages(admin, selection)) await retryInto(summary, admin, ids)
  return summary
}

/** Counts the failed tasks of a selection. */
export async function countSelected(admin: TaskAdmin, selection: FailedSelection): Promise<number> {
  let count = 0
  for await (const ids of pages(admin, selection)) count += ids.length
  return count
}

async function* pages(admin: TaskAdmin, selection: FailedSelection): AsyncGenerator<number[]> {
  let before: number | undefined
  for (;;) {
    const page = await admin.select({ ...selection, status: 'failed', before, limit: PAGE })
    yield page.map(({ id }) => id)
    if (page.length < PAGE) return
    before = page.at(-1)?.id
  }
}

/** Retries those of these tasks that failed. */
export async function retryThese(admin: TaskAdmin, ids: readonly number[]): Promise<RetrySummary> {
  const summary: RetrySummary = { queued: 0, refused: new Map() }
  await retryInto(summary, admin, ids)
  return summary
}

async function retryInto(summary: RetrySummary, admin: TaskAdmin, ids: readonly number[]): Promise<void> {
  const waiting = ids.values()
  const retrier = async () => {
    for (const id of waiting) {
      const outcome = await admin.retry(id)
      if (outcome.queued) summary.queued++
      else summary.refused.set(outcome.reason, [...(summary.refused.get(outcome.reason) ?? []), id])
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, retrier))
}

/** Describes what was done. @throws CommandError when none of the tasks could be retried */
export function report({ queued, refused }: RetrySummary): string {
  const refusals = [...refused].map(([reason, ids]) => `Not retried: ${some(ids)}. ${reason}`)
  if (queued === 0 && refused.size > 0) throw new CommandError(refusals.join('\n'))
  return [`${queued} ${queued === 1 ? 'task is' : 'tasks are'} queued for retry.`, ...refusals].join('\n')
}

function some(ids: readonly number[]): string {
  // Several are retried at once: in which order they are refused is chance.
  const shown = ids
    .toSorted((a, b) => b - a)
    .slice(0, 5)
    .join(', ')
  return ids.length > 5 ? `${shown} and ${ids.length - 5} more` : shown
}
