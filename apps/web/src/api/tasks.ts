/** The task routes of the API that the page uses. */
import type { MetadataDetection, ObjectClass, TaskParameters, TaskStatus } from '@obscura/contract'
import { ApiError, call } from './session.js'

export interface TaskItem {
  task_id: number
  create_time: string
  task_status: TaskStatus
}

export interface Task extends Partial<Omit<TaskParameters, 'name'>> {
  task_id: string
  create_time: string
  task_status: TaskStatus
  failure_cause?: string
  name: string | null
  original_url?: string
  anonymized_url?: string
  binary_segmentation_mask_url?: string
  instance_segmentation_mask_url?: string
  warnings: string[]
  progress: number
}

export interface TaskPage {
  items: TaskItem[]
  next_page_key: number | null
}

export interface Detection extends Omit<MetadataDetection, 'type_label'> {
  class: ObjectClass
}

/** Before the first task of any service. */
const EVER = '2000-01-01'

/** A page of tasks, newest first. `before`: the `next_page_key` of the page before. */
export function listTasks(limit: number, status = '', before: number | null = null): Promise<TaskPage> {
  const query = new URLSearchParams({ create_time_after: EVER, order: 'newest', limit: String(limit) })
  if (status) query.set('task_status', status)
  if (before !== null) query.set('next_page_key', String(before))
  return call('GET', `v2/task/list?${query}`)
}

export const getTask = (id: number | string) => call<Task>('GET', `v2/task/${id}`)
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
    const request = new XMLHttpRequest()
    request.open('PUT', url)
    if (file.type) request.setRequestHeader('content-type', file.type)
    request.upload.onprogress = event => onProgress(event.loaded / Math.max(1, event.total))
    request.onload = () => {
      if (request.status < 300) resolve()
      else reject(new ApiError(request.status, messageIn(request.responseText) || request.statusText))
    }
    request.onerror = () => reject(new ApiError(0, 'The connection was interrupted.'))
    request.onabort = () => reject(new ApiError(0, 'Stopped.'))
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

/** The sentence in an answer of S3 (XML) or of the API (JSON). */
function messageIn(text: string): string {
  return /<Message>([^<]*)/.exec(text)?.[1] ?? /"(?:error|message)":\s*"([^"]*)"/.exec(text)?.[1] ?? ''
}
