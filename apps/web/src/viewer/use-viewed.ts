import { useEffect, useState } from 'preact/hooks'
import { OfflineError } from '../api/session.js'
import { text } from '../text/index.js'
import { readAhead, readImage, takeImage, type ViewedImage } from './image.js'
import { neighbours } from './neighbours.js'

/** Statuses after which an image can still become done; it is looked up this often. */
const MOVING = ['new', 'queued', 'processing']
const POLL_MS = 2000

/**
 * What is shown of an image, read again until it is done or has failed; the next image is read
 * ahead.
 * @param onProblem gets a sentence, or '' when all is well again
 */
export function useViewed(id: string, onProblem: (message: string) => void) {
  const [image, setImage] = useState<ViewedImage>()
  const show = (read: Promise<ViewedImage>) =>
    read.then(
      value => {
        setImage(value)
        onProblem('')
      },
      error => onProblem(error instanceof OfflineError ? text.value.offline : error.message),
    )
  const reload = () => show(readImage(id))
  useEffect(() => {
    void show(takeImage(id)).then(async () => {
      const { older } = await neighbours(id)
      if (older !== undefined) readAhead(String(older))
    })
  }, [])
  const isMoving = image !== undefined && MOVING.includes(image.task.task_status)
  useEffect(() => {
    if (!isMoving) return
    const timer = setInterval(reload, POLL_MS)
    return () => clearInterval(timer)
  }, [isMoving])
  return { image, reload }
}
