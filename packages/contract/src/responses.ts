import { PARAMETER_SCHEMAS, type TaskParameters } from './parameters/parameters.js'
import {
  DOWNLOAD_URL_SECONDS,
  type FailureCause,
  type ReviewStatus,
  type TaskStatus,
  UPLOAD_URL_SECONDS,
  type WebhookStatus,
} from './status.js'
import { createTime, microsecondTime } from './task-id.js'

/** The task data in responses. */
export interface TaskData {
  /** Creation time in microseconds since 1970 UTC. */
  id: number
  customerId: string
  parameters: TaskParameters
  status: TaskStatus
  failureCause: FailureCause | null
  webhookStatus: WebhookStatus
  deleteTime: Date | null
  /** 0..1 */
  progress: number
  /** Milliseconds of each step, by the step's name. */
  timings: Readonly<Record<string, number>> | null
  /** null: no review was asked for. */
  reviewStatus: ReviewStatus | null
  /** Problems with the image that did not make the task fail. */
  warnings: readonly string[]
  /** The networks that searched the image; null before the task is done. */
  models: readonly ModelUse[] | null
}

/** A network that takes part in a detection, identified by its file. */
export interface ModelUse {
  name: string
  /** SHA-256 of the ONNX file, 64 hex digits. */
  sha256: string
  /** How it computes; absent where it was not recorded. */
  precision?: 'float' | 'int8'
}

/** The task data in responses about its status. */
type PolledResponse = Omit<TaskData, 'parameters'> & { parameters: Pick<TaskParameters, 'webhook'> }

/** Signed URLs of a task's files; absent ones are omitted from the response. */
export interface TaskUrls {
  original?: string
  anonymized?: string
  binaryMask?: string
  instanceMask?: string
  metadata?: string
}

/** The body of POST /v2/task: everything echoed, numbers as numbers. */
export function createdResponse(task: TaskData, uploadUrl: string) {
  const { name, ...parameters } = task.parameters
  return {
    customer_id: task.customerId,
    task_id: task.id,
    create_time: createTime(task.id),
    delete_time: deleteTime(task),
    name,
    ...echo(parameters, value => value),
    extraction_types: null,
    task_status: task.status,
    webhook_status: task.webhookStatus,
    upload_url: uploadUrl,
    upload_url_expiration_duration: UPLOAD_URL_SECONDS,
  }
}

/**
 * The body of GET /v2/task/{id}: numbers as text; `progress`, `timings`, `warnings` and `models`
 * are additions of Obscura.
 */
export function taskResponse(task: TaskData, urls: TaskUrls) {
  return {
    task_id: String(task.id),
    create_time: createTime(task.id),
    delete_time: deleteTime(task),
    task_status: task.status,
    ...(task.failureCause && { failure_cause: task.failureCause }),
    ...review(task),
    ...echo(task.parameters, value => (typeof value === 'number' ? decimal(value) : value)),
    extraction_types: [],
    original_url: urls.original,
    ...anonymized(urls),
    webhook_status: task.webhookStatus,
    binary_segmentation_mask_url: urls.binaryMask,
    instance_segmentation_mask_url: urls.instanceMask,
    metadata_url: urls.metadata,
    progress: task.progress,
    timings: task.timings,
    warnings: task.warnings,
    models: task.models,
  }
}

/** The body of GET /v2/task/{id}/status, and of starting a task. */
export function statusResponse(task: PolledResponse, urls: TaskUrls) {
  return {
    task_id: task.id,
    task_status: task.status,
    ...(task.failureCause && { failure_cause: task.failureCause }),
    ...review(task),
    delete_time: deleteTime(task),
    webhook: task.parameters.webhook,
    webhook_status: task.webhookStatus,
    ...anonymized(urls),
    metadata_url: urls.metadata,
  }
}

/** Absent unless a review was asked for: old clients see nothing of it. */
function review({ reviewStatus }: Pick<TaskData, 'reviewStatus'>) {
  return reviewStatus ? { review_status: reviewStatus } : {}
}

function anonymized({ anonymized: url }: TaskUrls) {
  return url ? { anonymized_url: url, anonymized_url_expiration_duration: DOWNLOAD_URL_SECONDS } : {}
}

function deleteTime({ deleteTime: time }: Pick<TaskData, 'deleteTime'>): string | null {
  return time && microsecondTime(time.getTime() * 1000)
}

/**
 * The parameters in the documented order; the database returns them in another order. Additions
 * that a client has not set are left out: clients of API v2 do not know them.
 */
function echo(parameters: Partial<TaskParameters>, form: (value: unknown) => unknown): Record<string, unknown> {
  const names = [...PARAMETER_SCHEMAS]
    .filter(([name, { addition }]) => name in parameters && !(addition && parameters[name] === null))
    .map(([name]) => name)
  return Object.fromEntries(names.map(name => [name, form(parameters[name])]))
}

/**
 * A number as its shortest decimal text, never with an exponent: 0.35 is "0.35", 91 is "91", 1e-7
 * is "0.0000001".
 */
export function decimal(value: number): string {
  const [digits, exponent] = String(value).split('e-')
  if (exponent === undefined) return digits
  const [whole, fraction = ''] = digits.split('.')
  return `0.${'0'.repeat(Number(exponent) - 1)}${whole}${fraction}`
}
