/** Metrics of a worker, in the registry of prom-client, of which a process has one. */

import type { FailureCause, StoredDetection, TaskStatus } from '@obscura/contract'
import { Counter, Histogram } from 'prom-client'

// From a thumbnail on a fast machine to a panorama on a slow one.
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const WAITING_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400]

const finished = new Counter({
  name: 'obscura_tasks_finished_total',
  help: 'Finished tasks, by status and failure cause',
  labelNames: ['status', 'cause'],
})
const failedAttempts = new Counter({
  name: 'obscura_attempts_failed_total',
  help: 'Attempts that did not finish their task: crash (counts against the task), outage (of the database or the store), lost (the lease expired)',
  labelNames: ['reason'],
})
const latency = new Histogram({
  name: 'obscura_task_seconds',
  help: 'Time from the upload to the end of a task',
  buckets: WAITING_SECONDS,
})
const stages = new Histogram({
  name: 'obscura_stage_seconds',
  help: 'Duration of each step of a done task',
  labelNames: ['stage'],
  buckets: SECONDS,
})
const megapixels = new Counter({ name: 'obscura_megapixels_total', help: 'Megapixels of done tasks' })
const detections = new Counter({
  name: 'obscura_detections_total',
  help: 'Detections in done tasks, by class',
  labelNames: ['class'],
})
const webhooks = new Counter({
  name: 'obscura_webhooks_total',
  help: 'Webhook requests, by result: sent, delayed (will be retried), failed (given up)',
  labelNames: ['result'],
})

/** The counted properties of a finished task. */
export interface FinishedTask {
  status: TaskStatus
  failureCause: FailureCause | null
  uploadTime: Date | null
  finishTime: Date | null
  /** Milliseconds of each step, by the step's name. */
  timings: Readonly<Record<string, number>> | null
  /** Size of the upright image in pixels. */
  outputWidth: number | null
  outputHeight: number | null
}

/** Counts a finished task, done or failed. */
export function countFinished(task: FinishedTask): void {
  finished.inc({ status: task.status, cause: task.failureCause ?? '' })
  if (task.uploadTime && task.finishTime) latency.observe((task.finishTime.getTime() - task.uploadTime.getTime()) / 1000)
  if (task.status !== 'done') return
  for (const [stage, ms] of Object.entries(task.timings ?? {})) stages.observe({ stage }, ms / 1000)
  megapixels.inc(((task.outputWidth ?? 0) * (task.outputHeight ?? 0)) / 1e6)
}

/** Counts the detections of a done task. */
export function countDetections(found: readonly StoredDetection[]): void {
  for (const { class: name } of found) detections.inc({ class: name })
}

/** Counts an attempt that did not finish its task. */
export function countFailedAttempt(reason: 'crash' | 'outage' | 'lost'): void {
  failedAttempts.inc({ reason })
}

/** Counts a finished webhook request. */
export function countWebhook(result: 'sent' | 'delayed' | 'failed'): void {
  webhooks.inc({ result })
}
