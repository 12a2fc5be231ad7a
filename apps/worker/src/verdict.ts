/** What an error means for the task at which it came. */
import { type ChildEnd, EngineError } from '@obscura/engine'
import { type FailureCause, type ObjectInfo, ObjectMissingError } from '@obscura/shared'

/** The file was replaced after its task had been queued. */
export class UploadReplacedError extends Error {
  constructor(readonly upload: ObjectInfo) {
    super('The file was replaced.')
  }
}

export type Verdict =
  /** The task starts over with the new file. */
  | { next: 'replace'; word: string; upload: ObjectInfo }
  /** No fault of the task's: it is put off, and nothing is counted. */
  | { next: 'postpone'; word: string }
  /** It is tried again until it has failed so often. */
  | { next: 'retry'; word: string; maxFailures: number }
  /** It ends, because another attempt would end the same way. */
  | { next: 'fail'; word: string; cause: FailureCause }

/**
 * Failures after which a task ends whose image ended its process: a hostile file would do that each time. An overrun may be due to a machine
 * that was busy, once; a process may be ended by a system that is short of memory, which lasts longer.
 */
const MAX_FAILURES: Record<Exclude<ChildEnd, 'unfit'>, number> = { overrun: 2, crash: 3 }

/** @param maxFailures failures after which any other task ends; never exceeded */
export function verdictOn(error: unknown, maxFailures: number): Verdict {
  if (error instanceof UploadReplacedError) return { next: 'replace', word: 'replaced', upload: error.upload }
  if (error instanceof ObjectMissingError) return fail('TASK_FILE_DOESNT_EXIST')
  // Another worker may have the models, and this one once they are mended.
  if (!(error instanceof EngineError) || error.childEnd === 'unfit') return { next: 'postpone', word: 'outage' }
  if (error.code !== 'INTERNAL_ERROR') return fail(error.code)
  const most = error.childEnd ? MAX_FAILURES[error.childEnd] : maxFailures
  return { next: 'retry', word: error.childEnd ?? error.code, maxFailures: Math.min(maxFailures, most) }
}

function fail(cause: FailureCause): Verdict {
  return { next: 'fail', word: cause, cause }
}
