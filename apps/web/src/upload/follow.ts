/** Follows the tasks of the files that were sent, until they end and are released. */
import { session } from '../api/session.js'
import { getTask, listTasks, type Task, type TaskFilter, type TaskItem } from '../api/tasks.js'
import { change } from './list.js'
import { counts, type Upload, type UploadState, uploads } from './queue.js'

/** Between two looks at tasks in progress, and at those that wait for somebody's review. */
const POLL_MS = 1500
const REVIEW_MS = 15_000
/** Tasks of one request. */
const PAGE = 300

let polling = false
let wake = () => {}

/** Asks for the tasks in progress and in review, as long as there are any. */
export async function follow(): Promise<void> {
  if (polling) return wake()
  polling = true
  try {
    while (counts.value.processing + counts.value.review > 0) {
      await settle().catch(() => {})
      if (counts.value.processing > 0) await new Promise(resolve => setTimeout(resolve, POLL_MS))
      else await pause(REVIEW_MS)
    }
  } finally {
    polling = false
  }
}

/** Waits, or until there is a new task to follow. */
async function pause(ms: number): Promise<void> {
  await new Promise<void>(resolve => {
    wake = resolve
    setTimeout(resolve, ms)
  })
  wake = () => {}
}

async function settle(): Promise<void> {
  if (!session.value) return
  const processing = uploadsThatAre('processing')
  const now = await listed({}, processing)
  for (const { key, taskId } of processing) await record(key, now.get(taskId!))
  const reviewed = uploadsThatAre('review')
  const pending = await listed({ review: 'pending' }, reviewed)
  for (const { key, taskId } of reviewed) if (!pending.has(taskId!)) await record(key, await getTask(taskId!))
}

const uploadsThatAre = (wanted: UploadState) => uploads.value.filter(({ state }) => state === wanted)

/** Tasks that the service lists, back to the oldest of some uploads. */
async function listed(filter: Partial<TaskFilter>, of: readonly Upload[]): Promise<Map<number, TaskItem>> {
  const tasks = new Map<number, TaskItem>()
  if (of.length === 0) return tasks
  const oldest = Math.min(...of.map(({ taskId }) => taskId!))
  let before: number | null = null
  do {
    const page = await listTasks(PAGE, filter, before)
    for (const item of page.items) tasks.set(item.task_id, item)
    before = page.next_page_key
  } while (before !== null && before > oldest)
  return tasks
}

async function record(key: string, task: TaskItem | Task | undefined): Promise<void> {
  const ended = task && (await outcome(task))
  if (ended) await change(item => item.key === key, ended)
}

const OF_REVIEW: Readonly<Record<string, UploadState>> = { pending: 'review', rejected: 'rejected' }

async function outcome({ task_id, task_status, review_status }: TaskItem | Task): Promise<Partial<Upload> | undefined> {
  if (task_status === 'done') return { state: OF_REVIEW[review_status ?? ''] ?? 'done' }
  if (task_status === 'failed') return { state: 'failed', problem: (await getTask(task_id)).failure_cause }
  return task_status === 'deleted' ? { state: 'failed', problem: 'deleted' } : undefined
}
