/** Sends the files of the list, several at a time. */
import { ApiError, OfflineError, session } from '../api/session.js'
import { createTask, getTask, upload } from '../api/tasks.js'
import type { Chosen } from './dropped.js'
import { follow } from './follow.js'
import { add, change, forgetList, ownsList, showListOf } from './list.js'
import type { Parameters } from './presets.js'
import { find, isPaused, show, UNREACHED, type Upload, uploads } from './queue.js'

const CONCURRENCY = 3
/** Pause before an upload that met a busy or unreachable service is tried again. */
const RETRY_MS = 5000
/** How long an upload URL is used: a little less than it is valid. */
const URL_MS = 3_540_000

const stops = new Map<string, AbortController>()
/** Uploads in a row that met a busy or unreachable service. */
let refusals = 0
/** Nothing is begun before it ends: the others would only be refused as well. */
let rest: ReturnType<typeof setTimeout> | undefined

function stopAll(): void {
  for (const stop of stops.values()) stop.abort()
}

session.subscribe(current => {
  if (!current) return
  if (ownsList(current.username)) return resumeStopped()
  stopAll()
  void showListOf(current.username).then(() => {
    work()
    void follow()
  })
})

/** Puts files in the list and begins to send them. */
export function addFiles(files: readonly Chosen[], parameters: Parameters): void {
  add(files, parameters)
  work()
}

/** Stops uploads; tasks whose file has arrived go on in the service. */
export function pause(): void {
  isPaused.value = true
  void change(({ state }) => state === 'waiting' || state === 'stopped', { state: 'stopped', problem: undefined })
  stopAll()
}

/** Continues after {@link pause}. */
export function resume(): void {
  isPaused.value = false
  resumeStopped()
}

function resumeStopped(): void {
  endRest()
  if (isPaused.value) return
  void change(({ state }) => state === 'stopped', { state: 'waiting' })
  work()
}

/** Whether it helps to send a file once more: it has failed, and is of a kind that is taken. */
export const canRetry = ({ state, problem }: Upload) => state === 'failed' && problem !== 'CONTENT_TYPE_ERROR'

/** Sends the files of failed uploads again, as new tasks. */
export function retry(): void {
  const again = { problem: undefined, taskId: undefined, uploadUrl: undefined, progress: 0 }
  void change(item => canRetry(item) && item.file !== undefined, { ...again, state: 'waiting' })
  void change(canRetry, { ...again, state: 'missing' })
  work()
}

/** Ends everything and leaves nothing of the user in this browser. */
export async function forgetUploads(): Promise<void> {
  stopAll()
  await forgetList()
}

function endRest(): void {
  clearTimeout(rest)
  rest = undefined
  refusals = 0
}

function work(): void {
  while (session.value && !isPaused.value && rest === undefined && stops.size < CONCURRENCY) {
    const next = uploads.value.find(({ state, key }) => state === 'waiting' && !stops.has(key))
    if (!next) return
    const stop = new AbortController()
    stops.set(next.key, stop)
    show(new Set([next.key]), { state: 'uploading', progress: 0, problem: undefined })
    send(next, stop.signal)
      .then(state => {
        refusals = 0
        return change(({ key }) => key === next.key, { state, progress: 1, isKept: false })
      })
      .catch(error => fail(next.key, error, stop.signal.aborted))
      .finally(() => {
        stops.delete(next.key)
        work()
        void follow()
      })
  }
}

/**
 * A task that was created before a pause or reload is continued: a file that has arrived is not
 * sent twice.
 */
async function send({ key, file, path, parameters, ...known }: Upload, signal: AbortSignal): Promise<'processing' | 'missing'> {
  let { taskId, uploadUrl, uploadUntil = 0 } = known
  if (taskId !== undefined && (await getTask(taskId)).task_status !== 'new') return 'processing'
  if (!file) return 'missing'
  if (uploadUrl === undefined || uploadUntil < Date.now()) {
    if (signal.aborted) throw new ApiError(0, 'Stopped.')
    const created = await createTask({ ...parameters, name: path.slice(0, 1000) })
    taskId = created.task_id
    uploadUrl = created.upload_url
    uploadUntil = Date.now() + URL_MS
    await change(item => item.key === key, { taskId, uploadUrl, uploadUntil })
  }
  if (signal.aborted) throw new ApiError(0, 'Stopped.')
  await upload(uploadUrl, file, progress => show(new Set([key]), { progress }), signal)
  return 'processing'
}

/** A service that is busy or away is asked again; what it refuses is a failure. */
function fail(key: string, error: unknown, isStopped: boolean): void {
  const status = error instanceof ApiError ? error.status : error instanceof OfflineError ? 0 : undefined
  const isBusy = isStopped || status === undefined || [0, 401, 429, 502, 503, 504].includes(status)
  const problem = isStopped ? undefined : status === 0 ? UNREACHED : (error as Error).message
  void change(item => item.key === key, { state: isBusy ? 'stopped' : 'failed', progress: 0, problem })
  if (!isBusy || isStopped) return
  if (++refusals >= CONCURRENCY) rest ??= setTimeout(goOn, RETRY_MS)
  setTimeout(() => {
    if (isPaused.value || find(key)?.state !== 'stopped') return
    show(new Set([key]), { state: 'waiting' })
    work()
  }, RETRY_MS)
}

function goOn(): void {
  endRest()
  work()
}
