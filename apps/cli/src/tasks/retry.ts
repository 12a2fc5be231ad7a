import type { TaskSelection } from '@obscura/shared'
import { Failure } from '../failure.js'
import type { Desk } from './desk.js'

/** Tasks selected at once. */
const PAGE = 200
/** Tasks queued at once: most of the time is spent checking for their originals. */
const AT_ONCE = 10

/** Number of queued tasks, and why the others were refused. */
export interface RetrySummary {
  queued: number
  /** IDs by the reason of refusal. */
  refused: Map<string, number[]>
}

/** A selection of failed tasks. */
export type FailedSelection = Pick<TaskSelection, 'cause' | 'customer' | 'endedFrom'>

/** Retries all failed tasks of a selection. */
export async function retrySelected(desk: Desk, selection: FailedSelection): Promise<RetrySummary> {
  const summary: RetrySummary = { queued: 0, refused: new Map() }
  for await (const ids of pages(desk, selection)) await retryInto(summary, desk, ids)
  return summary
}

/** Counts the failed tasks of a selection. */
export async function countSelected(desk: Desk, selection: FailedSelection): Promise<number> {
  let count = 0
  for await (const ids of pages(desk, selection)) count += ids.length
  return count
}

async function* pages(desk: Desk, selection: FailedSelection): AsyncGenerator<number[]> {
  let before: number | undefined
  for (;;) {
    const page = await desk.select({ ...selection, status: 'failed', before, limit: PAGE })
    yield page.map(({ id }) => id)
    if (page.length < PAGE) return
    before = page.at(-1)?.id
  }
}

/** Retries those of these tasks that failed. */
export async function retryThese(desk: Desk, ids: readonly number[]): Promise<RetrySummary> {
  const summary: RetrySummary = { queued: 0, refused: new Map() }
  await retryInto(summary, desk, ids)
  return summary
}

async function retryInto(summary: RetrySummary, desk: Desk, ids: readonly number[]): Promise<void> {
  const waiting = ids.values()
  const retrier = async () => {
    for (const id of waiting) {
      const answer = await desk.retry(id)
      if (answer.queued) summary.queued++
      else summary.refused.set(answer.reason, [...(summary.refused.get(answer.reason) ?? []), id])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, retrier))
}

/** Describes what was done. @throws Failure when none of the tasks could be retried */
export function report({ queued, refused }: RetrySummary): string {
  const refusals = [...refused].map(([reason, ids]) => `Not retried: ${some(ids)}. ${reason}`)
  if (queued === 0 && refused.size > 0) throw new Failure(refusals.join('\n'))
  return [`${queued} ${queued === 1 ? 'task is' : 'tasks are'} queued for retry.`, ...refusals].join('\n')
}

function some(ids: readonly number[]): string {
  const shown = ids.slice(0, 5).join(', ')
  return ids.length > 5 ? `${shown} and ${ids.length - 5} more` : shown
}
