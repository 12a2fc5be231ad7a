/** A task's life: new -> queued -> processing -> done | failed; and deleted, from any of them. */
export const TASK_STATUSES = ['new', 'queued', 'processing', 'done', 'failed', 'deleted'] as const
export type TaskStatus = (typeof TASK_STATUSES)[number]

/** What GET /v2/task/list can filter by: every status but `deleted`. */
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

/** empty: none was given; set: not delivered yet; sent: a 2xx came back; failed: given up. */
export const WEBHOOK_STATUSES = ['empty', 'set', 'sent', 'failed'] as const
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number]

/** Seconds that an upload URL is good for. */
export const UPLOAD_URL_SECONDS = 3600
/** Seconds that a download URL is good for, counted from each answer that carries it. */
export const DOWNLOAD_URL_SECONDS = 14400
