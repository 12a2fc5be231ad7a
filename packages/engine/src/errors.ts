import type { Limits } from './options.js'

/** Why an image could not be processed: the failure causes of the v2 API that the engine itself can find. */
export type EngineErrorCode = 'IMAGE_DEFECT' | 'CONTENT_TYPE_ERROR' | 'PARAMETER_ERROR_FORMAT' | 'INTERNAL_ERROR'

/**
 * What became of the process that was to work on an image: `overrun`, it went over a limit of time or memory; `crash`, it ended by itself;
 * `unfit`, it could not begin, for want of its models.
 */
export type ChildEnd = 'overrun' | 'crash' | 'unfit'

/** The one error the engine throws. `code` is stable; `message` says in one sentence what is wrong and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  /** The limit that the image would have needed more of. */
  readonly limit?: keyof Limits
  /** Set when the image ended its process, which it will most likely do again, and when the image has nothing to do with the error. */
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
