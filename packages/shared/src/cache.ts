/** Caches the result of `ask` for `ms` milliseconds, including failures. */
export function cacheForMs<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  let until = 0
  return () => {
    const now = performance.now()
    if (result === undefined || now >= until) {
      result = ask()
      until = now + ms
    }
    return result
  }
}
