/** The files that were dropped in, on their way to the service and through it. */
import type { TaskStatus } from '@obscura/contract'
import { computed, signal } from '@preact/signals'
import { ApiError, OfflineError, session } from '../api/session.js'
import { createTask, getTask, listTasks, upload } from '../api/tasks.js'
import type { Parameters } from './presets.js'

export type UploadState = 'waiting' | 'uploading' | 'processing' | 'done' | 'failed' | 'stopped'

export interface Upload {
  key: number
  /** Path below what was dropped. */
  path: string
  file: File
  parameters: Parameters
  state: UploadState
  /** 0..1, of the upload. */
  progress: number
  taskId?: number
  /** A failure cause, or a sentence. */
  problem?: string
}

const CONCURRENCY = 3
const POLL_MS = 1500
/** Pause before an upload that met a busy or unreachable service is tried again. */
const RETRY_MS = 5000

export const uploads = signal<readonly Upload[]>([])
export const isPaused = signal(false)
export const counts = computed(() => {
  const all: Record<UploadState, number> = { waiting: 0, uploading: 0, processing: 0, done: 0, failed: 0, stopped: 0 }
  for (const { state } of uploads.value) all[state]++
  return all
})
export const isWorking = computed(() => counts.value.waiting + counts.value.uploading > 0)

const stops = new Map<number, AbortController>()
let nextKey = 1

function change(key: number, values: Partial<Upload>): void {
  uploads.value = uploads.value.map(item => (item.key === key ? { ...item, ...values } : item))
}

/** Puts files in the queue; what the service does not take is refused at once. */
export function addFiles(files: readonly { file: File; path: string }[], parameters: Parameters): void {
  const added = files.map(({ file, path }): Upload => {
    const isImage = /\.(jpe?g|png)$/i.test(file.name) || /^image\/(jpeg|png)$/.test(file.type)
    const state = isImage ? 'waiting' : 'failed'
    return { key: nextKey++, path, file, parameters, state, progress: 0, problem: isImage ? undefined : 'CONTENT_TYPE_ERROR' }
  })
  uploads.value = [...uploads.value, ...added]
  work()
}

export function pause(): void {
  isPaused.value = true
  for (const stop of stops.values()) stop.abort()
}

export function resume(): void {
  isPaused.value = false
  uploads.value = uploads.value.map(item => (item.state === 'stopped' ? { ...item, state: 'waiting' } : item))
  work()
}

/** Tries failed uploads again. */
export function retry(key?: number): void {
  uploads.value = uploads.value.map(item =>
    item.state === 'failed' && (key === undefined || item.key === key)
      ? { ...item, state: 'waiting', problem: undefined, taskId: undefined, progress: 0 }
      : item,
  )
  work()
}

export function clearFinished(): void {
  uploads.value = uploads.value.filter(({ state }) => state !== 'done' && state !== 'failed')
}

function work(): void {
  while (!isPaused.value && stops.size < CONCURRENCY) {
    const next = uploads.value.find(({ state }) => state === 'waiting')
    if (!next) return
    const stop = new AbortController()
    stops.set(next.key, stop)
    change(next.key, { state: 'uploading', progress: 0, problem: undefined })
    send(next, stop.signal)
      .then(taskId => change(next.key, { state: 'processing', progress: 1, taskId }))
      .catch(error => fail(next.key, error, stop.signal.aborted))
      .finally(() => {
        stops.delete(next.key)
        work()
        poll()
      })
  }
}

async function send({ key, file, path, parameters }: Upload, signal: AbortSignal): Promise<number> {
  const { task_id, upload_url } = await createTask({ ...parameters, name: path.slice(0, 1000) })
  await upload(upload_url, file, progress => change(key, { progress }), signal)
  return task_id
}

/** A service that is busy or away is asked again; what it refuses is a failure. */
function fail(key: number, error: unknown, isStopped: boolean): void {
  const status = error instanceof ApiError ? error.status : 0
  const isBusy = isStopped || error instanceof OfflineError || [0, 401, 429, 502, 503, 504].includes(status)
  const problem = isStopped ? undefined : (error as Error).message
  change(key, { state: isBusy ? 'stopped' : 'failed', progress: 0, problem })
  if (!isBusy || isStopped) return
  setTimeout(() => {
    if (isPaused.value || uploads.value.find(item => item.key === key)?.state !== 'stopped') return
    change(key, { state: 'waiting' })
    work()
  }, RETRY_MS)
}

let polling = false

/** One list tells the statuses of up to 300 tasks. */
async function poll(): Promise<void> {
  if (polling) return
  polling = true
  try {
    while (counts.value.processing > 0) {
      await settle().catch(() => {})
      await new Promise(resolve => setTimeout(resolve, POLL_MS))
    }
  } finally {
    polling = false
  }
}

async function settle(): Promise<void> {
  if (!session.value) return
  const statuses = new Map<number, TaskStatus>()
  let before: number | null = null
  const oldest = Math.min(...uploads.value.filter(isProcessing).map(({ taskId }) => taskId!))
  do {
    const page = await listTasks(300, '', before)
    for (const { task_id, task_status } of page.items) statuses.set(task_id, task_status)
    before = page.next_page_key
  } while (before !== null && before > oldest)
  for (const { key, taskId } of uploads.value.filter(isProcessing)) {
    const status = statuses.get(taskId!)
    if (status === 'done') change(key, { state: 'done' })
    else if (status === 'failed') change(key, { state: 'failed', problem: (await getTask(taskId!)).failure_cause })
    else if (status === 'deleted') change(key, { state: 'failed', problem: 'deleted' })
  }
}

function isProcessing({ state }: Upload): boolean {
  return state === 'processing'
}
