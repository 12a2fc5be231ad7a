/** Caches the result of `ask` for a second, including failures. */
export function keptForASecond<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  let until = 0
  return () => {
    const now = performance.now()
    if (answer === undefined || now >= until) {
      answer = ask()
      until = now + 1000
    }
    return answer
  }
}
