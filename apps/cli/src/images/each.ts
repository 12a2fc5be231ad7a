import { EngineError } from '@obscura/engine'

/** Runs `work` for each item, at most `atOnce` at a time, until all are done or `signal` aborts; those under way are waited for. */
export async function eachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  const lane = async () => {
    for (const item of queue) {
      if (signal.aborted) return
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane))
}

/** Why one image failed, in the words of the API and a sentence. */
export function describeProblem(error: unknown): string {
  if (error instanceof EngineError) return `${error.code}: ${error.message}`
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'no such file'
  return message
}
