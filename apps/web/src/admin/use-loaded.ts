import { useEffect, useState } from 'preact/hooks'
import { useNewest } from '../newest.js'
import { text } from '../text/index.js'

/**
 * Changes something, and shows what there is then.
 * @returns whether it was done
 */
export type Change = (work: () => Promise<unknown>) => Promise<boolean>

/** What a request responds with, its problem in a sentence, and a function that asks again. */
export function useLoaded<Value>(read: () => Promise<Value>) {
  const [value, setValue] = useState<Value>()
  const [problem, setProblem] = useState('')
  const explain = (error: Error) => setProblem(error.name === 'OfflineError' ? text.value.offline : error.message)
  const ask = useNewest()
  const load = () => {
    const isNewest = ask()
    return read().then(
      found => isNewest() && setValue(() => found),
      error => isNewest() && explain(error),
    )
  }
  useEffect(() => void load(), [])
  const change: Change = async work => {
    setProblem('')
    const isDone = await work().then(
      () => true,
      error => {
        explain(error)
        return false
      },
    )
    await load()
    return isDone
  }
  return { value, problem, change }
}
