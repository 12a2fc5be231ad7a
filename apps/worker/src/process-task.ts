/** Processes one task from claim to end. */
import { type Engine, EngineError, type Output } from '@obscura/engine'
import {
  type AttemptEnd,
  attemptPrefix,
  type BackingServices,
  chargeCustomer,
  claimTask,
  completeTask,
  countFailedAttempt,
  engineParameters,
  failTask,
  keptOriginalKey,
  type Lease,
  type Logger,
  logoFor,
  ObjectMissingError,
  type ObjectStore,
  regionsKey,
  releaseTask,
  requeueReplaced,
  resultKeys,
  retryTask,
  type Task,
  traceAttempt,
  uploadKey,
  uploadKind,
} from '@obscura/shared'
import { type FailureAction, failureAction, UploadReplacedError } from './failure-action.js'
import { holdLease } from './hold-lease.js'
import { putFiles } from './put-files.js'

/** Dependencies of a worker. */
export interface WorkerServices extends Pick<BackingServices, 'db' | 'store' | 'dispatcher' | 'disk'> {
  engine: Engine
  log: Logger
}

/** Settings of processing, one for all tasks. */
export interface ProcessSettings {
  /** Unique name of this worker process. */
  owner: string
  leaseSeconds: number
  /** Failed attempts after which a task fails. */
  maxFailures: number
  /** Larger uploads fail without being read: signed URLs of S3 cannot limit the size. */
  uploadMaxBytes: number
}

/** Pause before a task is retried after a failure of the database, the store or the models. */
const OUTAGE_SECONDS = 10

/**
 * Claims the next task, anonymizes its image and finishes it. When `stopping` is aborted, the task
 * is handed back.
 * @returns false when no task was ready, or the database, the store or the models are unavailable
 */
export async function processNextTask(
  services: WorkerServices,
  settings: ProcessSettings,
  stopping: AbortSignal,
): Promise<boolean> {
  const task = await claimTask(services.db, settings.owner, settings.leaseSeconds)
  if (!task) return false
  const lease = { taskId: task.id, owner: settings.owner, attempt: task.attempt }
  const begun = performance.now()
  const holding = holdLease(services.db, services.log, lease, settings.leaseSeconds)
  const traced = traceAttempt(task.id, task.attempt)
  try {
    refuseTooLarge(task, settings.uploadMaxBytes)
    traced(await processTask(services, task, lease, AbortSignal.any([stopping, holding.lost]), holding.progress))
  } catch (error) {
    const action = failureAction(error, settings.maxFailures)
    traced({ error: holding.lost.aborted ? 'lost' : stopping.aborted ? 'stopped' : action.word })
    if (holding.lost.aborted) await discardResults(services, task)
    else if (stopping.aborted) await releaseTask(services.db, lease, 0)
    else await settle(services, lease, action, error as Error)
    return action.next !== 'postpone' || holding.lost.aborted || stopping.aborted
  } finally {
    holding.end()
    // Whatever the outcome: a task that was deleted meanwhile used worker time too.
    await chargeCustomer(services.db, task.customerId, (performance.now() - begun) / 1000).catch(error =>
      services.log.warn({ err: error, taskId: task.id }, 'Failed to record the processing time of a task.'),
    )
  }
  return true
}

function refuseTooLarge({ uploadSize }: Task, limit: number): void {
  if (uploadSize !== null && uploadSize > limit)
    throw new EngineError('IMAGE_DEFECT', `The file is ${uploadSize} bytes long; UPLOAD_MAX_MB allows ${limit}.`)
}

async function processTask(
  services: WorkerServices,
  task: Task,
  lease: Lease,
  signal: AbortSignal,
  progress: (fraction: number) => void,
): Promise<AttemptEnd> {
  const { db, store, log } = services
  const started = performance.now()
  const image = await fetchOriginal(store, task)
  const fetched = performance.now()
  progress(0.1)
  const output = await anonymize(services, task, image, signal)
  const anonymized = performance.now()
  progress(0.9)
  const resultBytes = await putResults(services, task, output)
  await keepOriginal(services, task, image)
  const timings = { fetch: fetched - started, ...output.timings, store: performance.now() - anonymized }
  const done = await completeTask(db, lease, {
    outputFormat: output.image && output.format,
    outputWidth: output.width,
    outputHeight: output.height,
    detections: output.detections,
    timings,
    warnings: output.warnings,
    models: output.models,
    originalKept: true,
    resultBytes,
  })
  if (!done) {
    await discardResults(services, task)
    return { error: 'lost' }
  }
  const { detections, reencodeReason, warnings } = output
  log.info(
    { taskId: task.id, attempt: task.attempt, detections: detections.length, reencodeReason, warnings, timings },
    'Task done.',
  )
  return { timings }
}

// Exactly the file recorded in the database with size, type and ETag; a replacement must be checked
// again.
async function fetchOriginal(store: ObjectStore, task: Task): Promise<Buffer> {
  const key = uploadKey(task)
  try {
    return await store.get(key, task.uploadEtag ?? undefined)
  } catch (error) {
    const upload = error instanceof ObjectMissingError ? await store.head(key) : undefined
    throw upload ? new UploadReplacedError(upload) : error
  }
}

// Any failure in here is caused by the image or the engine, and counts against the task.
async function anonymize({ engine, db }: WorkerServices, task: Task, image: Buffer, signal: AbortSignal): Promise<Output> {
  const parameters = engineParameters(task.parameters)
  const logo = await logoFor(db, task.customerId, parameters.areas)
  try {
    return await engine.anonymize(image, parameters, { signal, logo })
  } catch (error) {
    if (signal.aborted) throw error
    if (error instanceof EngineError) throw asDeclared(error, task)
    throw new EngineError('INTERNAL_ERROR', `The engine failed: ${error}`, { cause: error })
  }
}

// A file declared as JPEG or PNG that is neither is a broken image; its type is only wrong if none
// was declared.
function asDeclared(error: EngineError, { uploadType }: Task): EngineError {
  if (error.code !== 'CONTENT_TYPE_ERROR' || uploadKind(uploadType ?? undefined) !== 'image') return error
  return new EngineError('IMAGE_DEFECT', `The file was declared as ${uploadType}. ${error.message}`, { cause: error })
}

async function putResults({ store }: WorkerServices, task: Task, output: Output): Promise<number> {
  // First, so that whatever is done can be corrected.
  if (output.regions) await store.put(regionsKey(task, task.attempt), output.regions, 'application/json')
  const bytes = await putFiles(store, resultKeys(task, task.attempt, output.format), output)
  return bytes + (output.regions?.length ?? 0)
}

// An upload that began before the one that counts may still replace it.
async function keepOriginal({ store }: WorkerServices, task: Task, image: Buffer): Promise<void> {
  const key = keptOriginalKey(task, task.attempt)
  const isCopied = task.uploadEtag !== null && (await store.copy(uploadKey(task), key, task.uploadEtag))
  if (!isCopied) await store.put(key, image, task.uploadType ?? 'application/octet-stream')
}

async function discardResults({ store, log }: WorkerServices, task: Task): Promise<void> {
  log.warn({ taskId: task.id, attempt: task.attempt }, 'The task was reassigned or deleted; its results are discarded.')
  await store.deletePrefix(attemptPrefix(task, task.attempt))
}

async function settle({ db, log }: WorkerServices, lease: Lease, action: FailureAction, error: Error): Promise<void> {
  const { taskId, attempt } = lease
  switch (action.next) {
    case 'replace':
      log.info({ taskId, attempt }, 'The file was replaced; restarting the task.')
      await requeueReplaced(db, lease, action.upload)
      break
    case 'postpone':
      log.error({ err: error, taskId, attempt }, 'The database, the store or the models failed; the task is postponed.')
      countFailedAttempt('outage')
      await releaseTask(db, lease, OUTAGE_SECONDS)
      break
    case 'retry':
      log.error({ err: error, taskId, attempt }, 'An attempt failed.')
      await retryTask(db, lease, action.maxFailures, error.message)
      break
    case 'fail':
      log.info({ taskId, attempt, cause: action.cause }, 'Task failed.')
      await failTask(db, lease, action.cause, error.message)
  }
}
