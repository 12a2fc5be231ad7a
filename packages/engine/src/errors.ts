import type { Limits } from './options.js'

/**
 * Why an image could not be processed: those failure causes of the v2 API that the engine detects.
 */
export type EngineErrorCode = 'IMAGE_DEFECT' | 'CONTENT_TYPE_ERROR' | 'PARAMETER_ERROR_FORMAT' | 'INTERNAL_ERROR'

/**
 * How the engine process of an image ended: `overrun`, it exceeded a time or memory limit; `crash`,
 * it exited; `unfit`, it could not start because of missing models.
 */
export type ChildEnd = 'overrun' | 'crash' | 'unfit'

/**
 * The error of the engine. `code` is stable; `message` says in one sentence what is wrong and what
 * to do.
 */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  /** The limit that the image exceeded. */
  readonly limit?: keyof Limits
  /**
   * Set when the image ended its process, which it will most likely do again, or when the error is
   * unrelated to the image.
   */
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
