import type { Limits } from './options.js'

/** Why an image could not be processed: the failure causes of the v2 API that the engine itself can find. */
export type EngineErrorCode = 'IMAGE_DEFECT' | 'CONTENT_TYPE_ERROR' | 'PARAMETER_ERROR_FORMAT' | 'INTERNAL_ERROR'

/** What an image did to the process that worked on it: `overrun`, it went over a limit of time or memory; `crash`, it ended by itself. */
export type ChildEnd = 'overrun' | 'crash'

/** The one error the engine throws. `code` is stable; `message` says in one sentence what is wrong and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  /** The limit that the image would have needed more of. */
  readonly limit?: keyof Limits
  /** Set when the image ended its process: with the same image that will most likely happen again. */
  readonly childEnd?: ChildEnd

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    { childEnd, limit, ...options }: ErrorOptions & { childEnd?: ChildEnd; limit?: keyof Limits } = {},
  ) {
    super(message, options)
    this.childEnd = childEnd
    this.limit = limit
  }
}
