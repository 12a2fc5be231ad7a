import type { Limits } from './options.js'

/** Why an image could not be processed: the failure causes of the v2 API that the engine itself can find. */
export type EngineErrorCode = 'IMAGE_DEFECT' | 'CONTENT_TYPE_ERROR' | 'PARAMETER_ERROR_FORMAT' | 'INTERNAL_ERROR'

/** The one error the engine throws. `code` is stable; `message` says in one sentence what is wrong and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  /** The limit that the image would have needed more of. */
  readonly limit?: keyof Limits

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: ErrorOptions & { limit?: keyof Limits },
  ) {
    super(message, options)
    this.limit = options?.limit
  }
}
