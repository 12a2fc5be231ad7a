import { useEffect, useRef, useState } from 'preact/hooks'
import { getPreview } from '../api/tasks.js'
import { useSeen } from './use-seen.js'

interface Props {
  /** Of a task. */
  id: number
  /** Address of what is shown of a task that has no preview: earlier releases made none. */
  otherwise?: string
}

/** The preview of an anonymized image, loaded when it comes into view. */
export function Preview({ id, otherwise }: Props) {
  const frame = useRef<HTMLSpanElement>(null)
  const isSeen = useSeen(frame)
  const [source, setSource] = useState<string>()
  useEffect(() => {
    if (!isSeen) return
    let isGone = false
    let made = ''
    getPreview(id).then(
      image => {
        if (isGone) return
        made = URL.createObjectURL(image)
        setSource(made)
      },
      () => setSource(otherwise),
    )
    return () => {
      isGone = true
      URL.revokeObjectURL(made)
    }
  }, [isSeen, id])
  return (
    <span ref={frame} class="preview">
      {source && <img src={source} alt="" decoding="async" />}
    </span>
  )
}
