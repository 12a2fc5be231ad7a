/** Whether the engine of a worker has its models. */
import { type Engine, EngineError } from '@obscura/engine'

/** An engine, and whether it is fit. */
export interface WatchedEngine {
  engine: Engine
  /** @throws EngineError from when models could not be loaded until an image succeeds */
  requireFit(): void
}

/**
 * Remembers that models could not be loaded. A worker without them is not ready, but goes on
 * trying, so that it notices when they are back.
 */
export function watchFitness(engine: Engine): WatchedEngine {
  let unfit: EngineError | undefined
  return {
    engine: {
      ...engine,
      async anonymize(...image) {
        try {
          const output = await engine.anonymize(...image)
          unfit = undefined
          return output
        } catch (error) {
          if (error instanceof EngineError && error.childEnd === 'unfit') unfit = error
          throw error
        }
      },
    },
    requireFit() {
      if (unfit) throw unfit
    },
  }
}
