/** What an error means for its task. */
import { type ChildEnd, EngineError } from '@obscura/engine'
import { type FailureCause, type ObjectInfo, ObjectMissingError, ValueError } from '@obscura/shared'

/** The file was replaced after its task was queued. */
export class UploadReplacedError extends Error {
  constructor(readonly upload: ObjectInfo) {
    super('The file was replaced.')
  }
}

/** What happens to a task; `word` names the error in traces. */
export type FailureAction =
  /** The task restarts with the new file. */
  | { next: 'replace'; word: string; upload: ObjectInfo }
  /** Not caused by the task: it is postponed, and nothing is counted. */
  | { next: 'postpone'; word: string }
  /** It is retried until it has failed this often. */
  | { next: 'retry'; word: string; maxFailures: number }
  /** It fails, because another attempt would end the same way. */
  | { next: 'fail'; word: string; cause: FailureCause }

/**
 * Failures after which a task fails whose image exceeded a limit or crashed its engine process: a
 * hostile file would do that each time. An overrun may be caused by a busy machine once; a system
 * short of memory may kill processes for longer.
 */
const MAX_FAILURES: Record<Exclude<ChildEnd, 'unfit'>, number> = { overrun: 2, crash: 3 }

/** @param maxFailures failures after which any other task fails; never exceeded */
export function failureAction(error: unknown, maxFailures: number): FailureAction {
  if (error instanceof UploadReplacedError) return { next: 'replace', word: 'replaced', upload: error.upload }
  if (error instanceof ObjectMissingError) return fail('TASK_FILE_DOESNT_EXIST')
  // An older release may have accepted what this one refuses.
  if (error instanceof ValueError) return fail('PARAMETER_ERROR_FORMAT')
  // Another worker may have the models, or this one once they are repaired.
  if (!(error instanceof EngineError) || error.childEnd === 'unfit') return { next: 'postpone', word: 'outage' }
  if (error.code !== 'INTERNAL_ERROR') return fail(error.code)
  const most = error.childEnd ? MAX_FAILURES[error.childEnd] : maxFailures
  return { next: 'retry', word: error.childEnd ?? error.code, maxFailures: Math.min(maxFailures, most) }
}

function fail(cause: FailureCause): FailureAction {
  return { next: 'fail', word: cause, cause }
}
