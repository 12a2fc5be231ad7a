/** One task from claim to end. */
import { type Engine, EngineError, type Output } from '@obscura/engine'
import {
  type AttemptEnd,
  attemptPrefix,
  type Backing,
  claimTask,
  completeTask,
  countFailedAttempt,
  engineParameters,
  type FailureCause,
  failTask,
  type Lease,
  type Logger,
  type ObjectInfo,
  ObjectMissingError,
  type ObjectStore,
  originalKey,
  releaseTask,
  renewLease,
  requeueReplaced,
  resultKeys,
  retryTask,
  type Task,
  traceAttempt,
  uploadKind,
} from '@obscura/shared'

/** What a worker works with. */
export interface WorkerServices extends Pick<Backing, 'db' | 'store' | 'dispatcher' | 'disk'> {
  engine: Engine
  log: Logger
}

export interface ProcessSettings {
  /** Name of this worker process, unlike any other's. */
  owner: string
  leaseSeconds: number
  /** Attempts that may crash before a task fails. */
  maxFailures: number
  /** Larger uploads fail unread: signed URLs of S3 cannot limit the size. */
  uploadMaxBytes: number
}

/** Pause before a task is tried again when database or store could not be reached: no fault of the task's. */
const OUTAGE_SECONDS = 10

/** The file was replaced after its task had been queued. */
class UploadReplacedError extends Error {
  constructor(readonly upload: ObjectInfo) {
    super('The file was replaced by another one.')
  }
}

/**
 * Claims the next task, anonymizes its image and ends it, once. When `stopping` fires, the task is handed back.
 * @returns false when the next task, if any, can wait: none was ready, or database or store are away
 */
export async function processNextTask(
  services: WorkerServices,
  settings: ProcessSettings,
  stopping: AbortSignal,
): Promise<boolean> {
  const task = await claimTask(services.db, settings.owner, settings.leaseSeconds)
  if (!task) return false
  const lease = { taskId: task.id, owner: settings.owner, attempt: task.attempt }
  const holding = holdLease(services, lease, settings.leaseSeconds)
  const traced = traceAttempt(task.id, task.attempt)
  try {
    refuseTooLarge(task, settings.uploadMaxBytes)
    traced(await processTask(services, task, lease, AbortSignal.any([stopping, holding.lost]), holding.progress))
  } catch (error) {
    traced({ error: holding.lost.aborted ? 'lost' : stopping.aborted ? 'stopped' : reason(error) })
    if (holding.lost.aborted) await discardResults(services, task)
    else if (stopping.aborted) await releaseTask(services.db, lease, 0)
    else return await settle(services, settings, lease, error)
  } finally {
    holding.end()
  }
  return true
}

function refuseTooLarge({ uploadSize }: Task, limit: number): void {
  if (uploadSize !== null && uploadSize > limit)
    throw new EngineError('IMAGE_DEFECT', `The file has ${uploadSize} bytes; UPLOAD_MAX_MB allows ${limit}.`)
}

async function processTask(
  services: WorkerServices,
  task: Task,
  lease: Lease,
  signal: AbortSignal,
  progress: (share: number) => void,
): Promise<AttemptEnd> {
  const { db, store, log } = services
  const started = performance.now()
  const image = await fetchOriginal(store, task)
  const fetched = performance.now()
  progress(0.1)
  const output = await anonymize(services.engine, task, image, signal)
  const anonymized = performance.now()
  progress(0.9)
  await putResults(services, task, output)
  const timings = { fetch: fetched - started, ...output.timings, store: performance.now() - anonymized }
  const done = await completeTask(db, lease, {
    outputFormat: output.image && output.format,
    outputWidth: output.width,
    outputHeight: output.height,
    detections: output.detections,
    timings,
    warnings: output.warnings,
  })
  if (!done) {
    await discardResults(services, task)
    return { error: 'lost' }
  }
  const { detections, encodedAnew, warnings } = output
  log.info(
    { taskId: task.id, attempt: task.attempt, detections: detections.length, encodedAnew, warnings, timings },
    'Task done.',
  )
  return { timings }
}

// Exactly the file that the database knows by size, type and ETag; another one that has come since must be judged anew.
async function fetchOriginal(store: ObjectStore, task: Task): Promise<Buffer> {
  const key = originalKey(task)
  try {
    return await store.get(key, task.uploadEtag ?? undefined)
  } catch (error) {
    const upload = error instanceof ObjectMissingError ? await store.head(key) : undefined
    throw upload ? new UploadReplacedError(upload) : error
  }
}

// Whatever goes wrong in here is the image's or the engine's doing, and counts against the task.
async function anonymize(engine: Engine, task: Task, image: Buffer, signal: AbortSignal): Promise<Output> {
  try {
    return await engine.anonymize(image, engineParameters(task.parameters), { signal })
  } catch (error) {
    if (signal.aborted) throw error
    if (error instanceof EngineError) throw asDeclared(error, task)
    throw new EngineError('INTERNAL_ERROR', `The engine failed: ${error}`, { cause: error })
  }
}

// What was declared as JPEG or PNG and is neither, is a broken image; the type is wrong only where nothing was declared.
function asDeclared(error: EngineError, { uploadType }: Task): EngineError {
  if (error.code !== 'CONTENT_TYPE_ERROR' || uploadKind(uploadType ?? undefined) !== 'image') return error
  return new EngineError('IMAGE_DEFECT', `The file was declared as ${uploadType}. ${error.message}`, { cause: error })
}

async function putResults({ store }: WorkerServices, task: Task, output: Output): Promise<void> {
  const keys = resultKeys(task, task.attempt, output.format)
  if (output.image) await store.put(keys.anonymized, output.image, `image/${output.format}`)
  if (output.binaryMask) await store.put(keys.binaryMask, output.binaryMask, 'image/png')
  if (output.instanceMask) await store.put(keys.instanceMask, output.instanceMask, 'image/png')
}

async function discardResults({ store, log }: WorkerServices, task: Task): Promise<void> {
  log.warn(
    { taskId: task.id, attempt: task.attempt },
    'The task was taken from this worker or deleted; its results are thrown away.',
  )
  await store.deletePrefix(attemptPrefix(task, task.attempt))
}

/** @returns false when the next task would fare no better */
async function settle(
  { db, log }: WorkerServices,
  { maxFailures }: ProcessSettings,
  lease: Lease,
  error: unknown,
): Promise<boolean> {
  const { taskId, attempt } = lease
  const cause = failureCause(error)
  if (error instanceof UploadReplacedError) {
    log.info({ taskId, attempt }, 'The file was replaced; the task starts anew.')
    await requeueReplaced(db, lease, error.upload)
  } else if (cause === undefined) {
    log.error({ err: error, taskId, attempt }, 'Database or store failed; the task is put off.')
    countFailedAttempt('outage')
    await releaseTask(db, lease, OUTAGE_SECONDS)
    return false
  } else if (cause === 'INTERNAL_ERROR') {
    log.error({ err: error, taskId, attempt }, 'An attempt failed.')
    await retryTask(db, lease, maxFailures, (error as Error).message)
  } else {
    log.info({ taskId, attempt, cause }, 'Task failed.')
    await failTask(db, lease, cause, (error as Error).message)
  }
  return true
}

/** @returns undefined for what is not the task's fault */
function failureCause(error: unknown): FailureCause | undefined {
  if (error instanceof EngineError) return error.code
  return error instanceof ObjectMissingError ? 'TASK_FILE_DOESNT_EXIST' : undefined
}

/** Why an attempt failed, in one word. */
function reason(error: unknown): string {
  return error instanceof UploadReplacedError ? 'replaced' : (failureCause(error) ?? 'outage')
}

/** Renews a lease until `end` is called; `lost` fires when it belongs to this worker no longer. */
function holdLease({ db, log }: WorkerServices, lease: Lease, seconds: number) {
  const lost = new AbortController()
  let share = 0
  const renewing = setInterval(
    () => {
      renewLease(db, lease, seconds, share)
        .then(held => held || lost.abort())
        // The database is away for a moment: the lease may still stand when it is back.
        .catch(error => log.warn({ err: error, taskId: lease.taskId }, 'A lease could not be renewed.'))
    },
    (seconds * 1000) / 4,
  )
  return {
    lost: lost.signal,
    progress: (value: number) => {
      share = value
    },
    end: () => clearInterval(renewing),
  }
}
