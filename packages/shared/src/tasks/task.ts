/**
 * A task: one image, from its creation to the deletion of its files.
 *
 * new -> queued -> processing -> done | failed; processing -> queued when a worker hands back or
 * dies; new -> failed when nothing usable was uploaded; anything -> deleted. done, failed and
 * deleted end a task: no worker touches it again, unless an operator retries a failed one.
 */
import type { FailureCause, ModelUse, ReviewStatus, TaskParameters, TaskStatus, WebhookStatus } from '@obscura/contract'

/** A task as the service knows it. */
export interface Task {
  /** Creation time in microseconds since 1970 UTC. */
  id: number
  customerId: string
  /** As the contract normalised them, name, webhook and start_on included. */
  parameters: TaskParameters
  webhookStatus: WebhookStatus
  status: TaskStatus
  failureCause: FailureCause | null
  /** One sentence for the operator; never shown to other customers, holds no personal data. */
  failureReason: string | null
  /** When the upload URL expires. */
  uploadExpireTime: Date
  /** Set once a file has arrived. */
  uploadTime: Date | null
  /** Bytes. */
  uploadSize: number | null
  /** Content-Type as the uploader declared it. */
  uploadType: string | null
  uploadEtag: string | null
  /** The file that was anonymized was copied to a key of its attempt: see {@link originalKey}. */
  originalKept: boolean
  /** How often the task has been claimed; the attempt that finished it names its result keys. */
  attempt: number
  /** Attempts that ended in a crash or an internal error. */
  failures: number
  claimTime: Date | null
  finishTime: Date | null
  deleteTime: Date | null
  /** 0..1. */
  progress: number
  /** Milliseconds of each step, by the step's name. */
  timings: Record<string, number> | null
  /** The anonymized image's format; null until done, and for method `detect`. */
  outputFormat: 'jpeg' | 'png' | null
  /** Size of the upright image in pixels. */
  outputWidth: number | null
  outputHeight: number | null
  /**
   * Problems with the image that did not make the task fail, in sentences for the customer.
   */
  warnings: string[]
  /** The newest revision; 0 until a correction. */
  revision: number
  /** The revision whose files, detections and parameters the task has. */
  renderedRevision: number
  /** null: the task asked for no review. */
  reviewStatus: ReviewStatus | null
  /** Who approved or rejected it, why, and when. */
  reviewer: string | null
  reviewReason: string | null
  reviewTime: Date | null
  /** The user who created it. */
  createdBy: string | null
  /** Why the newest revision could not be rendered. */
  renderingFailure: FailureCause | null
  /** The networks that searched the image; null until done. */
  models: ModelUse[] | null
}

/** A task as clients poll it: ignore areas, up to a megabyte, are left out where they are long. */
export interface PolledTask extends Omit<Task, 'parameters'> {
  parameters: Omit<TaskParameters, 'ignores'> & Partial<Pick<TaskParameters, 'ignores'>>
}

/**
 * Delay after the end of a task until files of unsuccessful attempts are deleted (SQL): no worker
 * can still be writing them then.
 */
export const STALE_FILES_DELAY = `interval '5 minutes'`

/** When no upload to a task arrives any more, with a margin for slow ones (SQL). */
export const UPLOADS_END = `upload_expire_time + interval '10 minutes'`

/**
 * The columns of a {@link Task}, for `select` and `returning`; detections are excluded, because
 * they can be long and few requests need them.
 */
export const TASK_COLUMNS = [
  ['id', 'id'],
  ['customer_id', 'customerId'],
  ['parameters', 'parameters'],
  ['webhook_status', 'webhookStatus'],
  ['status', 'status'],
  ['failure_cause', 'failureCause'],
  ['failure_reason', 'failureReason'],
  ['upload_expire_time', 'uploadExpireTime'],
  ['upload_time', 'uploadTime'],
  ['upload_size', 'uploadSize'],
  ['upload_type', 'uploadType'],
  ['upload_etag', 'uploadEtag'],
  ['original_kept', 'originalKept'],
  ['attempt', 'attempt'],
  ['failures', 'failures'],
  ['claim_time', 'claimTime'],
  ['finish_time', 'finishTime'],
  ['delete_time', 'deleteTime'],
  ['progress', 'progress'],
  ['timings', 'timings'],
  ['output_format', 'outputFormat'],
  ['output_width', 'outputWidth'],
  ['output_height', 'outputHeight'],
  ['warnings', 'warnings'],
  ['revision', 'revision'],
  ['rendered_revision', 'renderedRevision'],
  ['rendering_failure', 'renderingFailure'],
  ['review_status', 'reviewStatus'],
  ['reviewer', 'reviewer'],
  ['review_reason', 'reviewReason'],
  ['review_time', 'reviewTime'],
  ['created_by', 'createdBy'],
  ['models', 'models'],
]
  .map(([column, property]) => `tasks.${column} as "${property}"`)
  .join(', ')

/** The columns of a {@link PolledTask}. */
export const POLLED_COLUMNS = TASK_COLUMNS.replace(
  'tasks.parameters as',
  `case when pg_column_size(tasks.parameters) > 2000 then tasks.parameters - 'ignores' else tasks.parameters end as`,
)
