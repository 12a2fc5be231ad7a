/** The states of a task: new -> queued -> processing -> done | failed; deleted from any of them. */
export const TASK_STATUSES = ['new', 'queued', 'processing', 'done', 'failed', 'deleted'] as const
export type TaskStatus = (typeof TASK_STATUSES)[number]

/** Statuses that GET /v2/task/list can filter by: all except `deleted`. */
export const LISTED_STATUSES = ['new', 'queued', 'processing', 'done', 'failed'] as const satisfies readonly TaskStatus[]

/** Why a task failed. */
export const FAILURE_CAUSES = [
  'IMAGE_DEFECT',
  'TASK_FILE_DOESNT_EXIST',
  'INTERNAL_ERROR',
  'CONTENT_TYPE_ERROR',
  'PARAMETER_ERROR_FORMAT',
] as const
export type FailureCause = (typeof FAILURE_CAUSES)[number]

/** empty: no webhook; set: not delivered yet; sent: answered with 2xx; failed: given up. */
export const WEBHOOK_STATUSES = ['empty', 'set', 'sent', 'failed'] as const
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number]

/** Of a task that asked for a review: open, or its outcome. */
export const REVIEW_STATUSES = ['pending', 'approved', 'rejected'] as const
export type ReviewStatus = (typeof REVIEW_STATUSES)[number]

/** done: the newest revision; pending: it will be soon; failed: not until another correction. */
export const RENDERING_STATES = ['done', 'pending', 'failed'] as const
export type RenderingState = (typeof RENDERING_STATES)[number]

/** Lifetime of an upload URL in seconds. */
export const UPLOAD_URL_SECONDS = 3600
/** Lifetime of a download URL in seconds, from the response that contains it. */
export const DOWNLOAD_URL_SECONDS = 14400
