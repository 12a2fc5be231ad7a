/** The task routes of the API that the page uses. */
import type { MetadataDetection, ObjectClass, TaskParameters, TaskStatus } from '@obscura/contract'
import type { ReviewStatus } from './corrections.js'
import { periodOf } from './period.js'
import { ApiError, call, request } from './session.js'

/** A task in the list. */
export interface TaskItem {
  task_id: number
  create_time: string
  task_status: TaskStatus
  review_status?: ReviewStatus
}

/** A task with its parameters and files. */
export interface Task extends Partial<Omit<TaskParameters, 'name'>> {
  task_id: string
  create_time: string
  task_status: TaskStatus
  failure_cause?: string
  review_status?: ReviewStatus
  name: string | null
  anonymized_url?: string
  binary_segmentation_mask_url?: string
  instance_segmentation_mask_url?: string
  warnings: string[]
  progress: number
}

/** A page of the list. */
export interface TaskPage {
  items: TaskItem[]
  next_page_key: number | null
}

/** A detection, with its class by the parameter's name. */
export interface Detection extends Omit<MetadataDetection, 'type_label'> {
  class: ObjectClass
}

/** Which tasks are listed; empty text means all. */
export interface TaskFilter {
  status: string
  review: string
  /** First and last day in the user's time zone, as YYYY-MM-DD. */
  from: string
  to: string
}

export const ALL_TASKS: TaskFilter = { status: '', review: '', from: '', to: '' }

/** A page of tasks, newest first. `before`: the `next_page_key` of the page before. */
export async function listTasks(
  limit: number,
  filter: Partial<TaskFilter> = {},
  before: number | null = null,
): Promise<TaskPage> {
  const { status, review, from, to } = { ...ALL_TASKS, ...filter }
  const period = periodOf(from, to)
  const query = new URLSearchParams({ create_time_after: period.firstDay, order: 'newest', limit: String(limit) })
  if (period.dayAfter) query.set('create_time_before', period.dayAfter)
  if (status) query.set('task_status', status)
  if (review) query.set('review_status', review)
  if (before !== null) query.set('next_page_key', String(before))
  const page = await call<TaskPage>('GET', `v2/task/list?${query}`)
  return { ...page, items: page.items.filter(({ task_id }) => period.contains(task_id / 1000)) }
}

/** A task, without the URL of its original: see originals.ts. */
export const getTask = (id: number | string) => call<Task>('GET', `v2/task/${id}?original=false`)
/**
 * A small JPEG of the anonymized image. The browser keeps it, and asks whether it is still current.
 * @throws ApiError 404 where there is none
 */
export const getPreview = async (id: number) => (await request('GET', `v2/task/${id}/preview`)).blob()
export const deleteFiles = (id: number | string) => call<unknown>('DELETE', `v2/task/${id}/files`)
export const createTask = (parameters: object) => call<{ task_id: number; upload_url: string }>('POST', 'v2/task', parameters)

/** Detections, the least certain first. */
export async function getDetections(id: number | string): Promise<Detection[]> {
  const body = await call<{ detections: MetadataDetection[] } | undefined>('GET', `v2/task/${id}/metadata`)
  const detections = body?.detections ?? []
  return detections
    .map(({ type_label, ...rest }) => ({ ...rest, class: type_label.replace('-', '_') as ObjectClass }))
    .sort((a, b) => a.score - b.score)
}

/**
 * Uploads a file; fetch does not tell how far it is.
 * @param onProgress 0..1
 * @throws ApiError; status 0 when the connection failed or the upload was aborted
 */
export function upload(url: string, file: Blob, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest()
    sending.open('PUT', url)
    if (file.type) sending.setRequestHeader('content-type', file.type)
    sending.upload.onprogress = event => onProgress(event.loaded / Math.max(1, event.total))
    sending.onload = () => {
      if (sending.status < 300) resolve()
      else reject(new ApiError(sending.status, messageIn(sending.responseText) || sending.statusText))
    }
    sending.onerror = () => reject(new ApiError(0, 'The connection was interrupted.'))
    sending.onabort = () => reject(new ApiError(0, 'Stopped.'))
    signal.addEventListener('abort', () => sending.abort())
    sending.send(file)
  })
}

/** The sentence in a response of S3 (XML) or of the API (JSON). */
function messageIn(text: string): string {
  return /<Message>([^<]*)/.exec(text)?.[1] ?? /"(?:error|message)":\s*"([^"]*)"/.exec(text)?.[1] ?? ''
}
