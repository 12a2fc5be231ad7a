/** Another upload to the same URL has begun. */
export class ReplacedError extends Error {
  override readonly name = 'ReplacedError'
}

/**
 * Of uploads to one URL at once only the newest goes on: a client whose connection died tries again while we still wait for the first try, and
 * must not be locked out by it.
 * @returns a function that registers an upload, ending the one before, and returns how to take it out again
 */
export function createNewest() {
  const current = new Map<string, AbortController>()

  return (key: string, upload: AbortController): (() => void) => {
    current.get(key)?.abort(new ReplacedError('A newer upload to the same URL has begun.'))
    current.set(key, upload)
    return () => {
      if (current.get(key) === upload) current.delete(key)
    }
  }
}
