/** `ask`, at most once a second however many want the answer: until then everyone gets the last one, a failure too. */
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
