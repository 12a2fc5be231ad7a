/** Renders the newest revision of a corrected task, from its original and its stored regions. */
import { EngineError } from '@obscura/engine'
import {
  chargeRendering,
  claimRendering,
  completeRendering,
  deleteStaleFiles,
  editedRegions,
  engineParameters,
  failRendering,
  findTask,
  logoFor,
  ObjectMissingError,
  originalKey,
  postponeRendering,
  RegionsError,
  type Rendering,
  readRegions,
  regionsKey,
  renewRendering,
  resultKeys,
  type StoredRegion,
  type Task,
} from '@obscura/shared'
import { failureAction } from './failure-action.js'
import type { WorkerServices } from './process-task.js'
import { putFiles } from './put-files.js'
import { type Repetition, repeat } from './repeat.js'

/** Somebody waits for each rendering: an idle lane looks twenty times a second. */
const LOOK_MS = 50
/** Attempts after which a rendering is given up. */
const MAX_TRIES = 3
/** Pauses before another attempt, and after a failure of the database or the store. */
const RETRY_SECONDS = 1
const OUTAGE_SECONDS = 10

type RenderServices = Pick<WorkerServices, 'db' | 'store' | 'engine' | 'log'>

/**
 * Renders revisions until it is stopped, beside the queue of tasks and independent of it. None is
 * begun while `hasRoom` says that disk or memory are short.
 */
export function startRenderings(services: RenderServices, leaseSeconds: number, hasRoom: () => Promise<boolean>): Repetition {
  return repeat(LOOK_MS, services.log, async () => {
    while ((await hasRoom()) && (await renderNext(services, leaseSeconds)));
  })
}

/** Renders the revision whose turn it is. @returns false when none is due */
export async function renderNext(services: RenderServices, leaseSeconds: number): Promise<boolean> {
  const { db, log } = services
  const rendering = await claimRendering(db, leaseSeconds)
  if (!rendering) return false
  const lost = new AbortController()
  const renewing = setInterval(
    () => {
      renewRendering(db, rendering, leaseSeconds)
        .then(held => held || lost.abort())
        .catch(error => log.warn({ err: error, taskId: rendering.task.id }, 'Failed to renew a rendering.'))
    },
    (leaseSeconds * 1000) / 4,
  )
  const begun = performance.now()
  try {
    await render(services, rendering, lost.signal)
  } catch (error) {
    if (!lost.signal.aborted) await settle(services, rendering, error as Error)
  } finally {
    clearInterval(renewing)
    await chargeRendering(db, rendering.task.customerId, (performance.now() - begun) / 1000).catch(error =>
      log.warn({ err: error, taskId: rendering.task.id }, 'Failed to record the processing time of a rendering.'),
    )
  }
  return true
}

async function render(services: RenderServices, rendering: Rendering, signal: AbortSignal): Promise<void> {
  const { db, store, engine, log } = services
  const { task, revision, edits, parameters } = rendering
  const started = performance.now()
  const [image, stored] = await Promise.all([
    store.get(originalKey(task), task.originalKept ? undefined : (task.uploadEtag ?? undefined)),
    store.get(regionsKey(task, task.attempt)),
  ])
  const regions = editedRegions(detectedRegions(stored, task), edits)
  const known = { regions, isSound: task.warnings.length === 0 }
  const forEngine = engineParameters(parameters)
  const logo = await logoFor(db, task.customerId, forEngine.areas)
  const output = await engine.render(image, known, forEngine, { signal, logo }).catch(error => {
    // Not an outage: it counts.
    throw error instanceof EngineError
      ? error
      : new EngineError('INTERNAL_ERROR', `The engine failed: ${error}`, { cause: error })
  })
  const bytes = await putFiles(store, resultKeys(task, task.attempt, output.format, revision), output)
  const done = await completeRendering(db, rendering, {
    outputFormat: output.image && output.format,
    outputWidth: output.width,
    outputHeight: output.height,
    detections: output.detections,
    timings: output.timings,
    warnings: output.warnings,
    resultBytes: bytes + stored.length,
  })
  const ms = Math.round(performance.now() - started)
  if (done) log.info({ taskId: task.id, revision, ms, timings: output.timings }, 'Revision rendered.')
  else await discard(services, rendering)
}

// No attempt would end otherwise, and no outage is over soon.
function detectedRegions(file: Uint8Array, { outputWidth, outputHeight }: Task): StoredRegion[] {
  try {
    return readRegions(file, { width: outputWidth!, height: outputHeight! })
  } catch (error) {
    throw error instanceof RegionsError ? new EngineError('INTERNAL_ERROR', error.message, { cause: error }) : error
  }
}

// Another worker may have rendered the same revision, under the same keys: only files of a task
// that was deleted meanwhile have to go.
async function discard({ db, store, log }: RenderServices, { task, revision }: Rendering): Promise<void> {
  log.warn({ taskId: task.id, revision }, 'The rendering was reassigned, or its task deleted.')
  const current = await findTask(db, task.customerId, task.id)
  if (current?.status === 'deleted') await deleteStaleFiles({ db, store }, current)
}

async function settle({ db, log }: RenderServices, rendering: Rendering, error: Error): Promise<void> {
  const { task, revision, tries } = rendering
  log.error({ err: error, taskId: task.id, revision, tries }, 'Failed to render a revision.')
  const action = failureAction(error, MAX_TRIES)
  if (action.next === 'postpone') await postponeRendering(db, rendering, OUTAGE_SECONDS)
  else if (action.next === 'retry' && tries < action.maxFailures) await postponeRendering(db, rendering, RETRY_SECONDS)
  else await failRendering(db, rendering, error instanceof ObjectMissingError ? 'TASK_FILE_DOESNT_EXIST' : 'INTERNAL_ERROR')
}
