/** Caches the result of `ask` for `ms` milliseconds, including failures. */
export function cacheForMs<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  let until = 0
  return () => {
    const now = performance.now()
    if (answer === undefined || now >= until) {
      answer = ask()
      until = now + ms
    }
    return answer
  }
}
