/** A newer upload to the same URL has started. */
export class ReplacedError extends Error {
  override readonly name = 'ReplacedError'
}

/**
 * Of simultaneous uploads to one URL only the newest continues: a client whose connection died
 * retries while we still wait for the first attempt, and must not be locked out by it.
 * @returns a function that registers an upload, ends the previous one, and returns a function that
 * unregisters it
 */
export function createNewestUploads() {
  const current = new Map<string, AbortController>()

  return (key: string, upload: AbortController): (() => void) => {
    current.get(key)?.abort(new ReplacedError('A newer upload to the same URL has begun.'))
    current.set(key, upload)
    return () => {
      if (current.get(key) === upload) current.delete(key)
    }
  }
}
