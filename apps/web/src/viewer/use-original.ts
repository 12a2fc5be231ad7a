import { useEffect, useState } from 'preact/hooks'
import { lookAtOriginal } from '../api/originals.js'

/**
 * The original of a task, from the first time that it is wanted: one look, one entry in the audit
 * log. It is held in memory and dropped with the view.
 * @returns undefined until it is loaded
 */
export function useOriginal(id: string, isWanted: boolean, onProblem: (message: string) => void): Blob | undefined {
  const [wasWanted, setWanted] = useState(false)
  const [file, setFile] = useState<Blob>()
  if (isWanted && !wasWanted) setWanted(true)
  useEffect(() => {
    if (!wasWanted) return
    const leaving = new AbortController()
    lookAtOriginal(id, leaving.signal).then(setFile, error => {
      if (!leaving.signal.aborted) onProblem(error.message)
    })
    return () => leaving.abort()
  }, [wasWanted])
  return file
}
