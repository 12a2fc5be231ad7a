/** What a viewer shows of an image, read before it is looked at where possible. */
import { getRegions, getReview, type Regions, type Review } from '../api/corrections.js'
import { fetchFile } from '../api/session.js'
import { getTask, type Task } from '../api/tasks.js'
import { fileName, save } from '../tasks/zip.js'

/** An image in the viewer: its task, files and regions. */
export interface ViewedImage {
  task: Task
  /** The anonymized image, also when a review holds it back; undefined when there is none. */
  file?: Promise<Blob>
  review?: Review
  found: Regions
}

const NOTHING: Regions = { revision: undefined, rendered_revision: 0, rendering: 'done', regions: [] }

/** Statuses change: what was read ahead is used this long. */
const FRESH_MS = 60_000
const ahead = new Map<string, { image: Promise<ViewedImage>; time: number }>()

/**
 * @param isAhead nobody looks at it yet
 * @throws ApiError, OfflineError
 */
export async function readImage(id: string, isAhead = false): Promise<ViewedImage> {
  const task = await getTask(id)
  if (task.task_status !== 'done') return { task, found: NOTHING }
  const review = task.review_status ? await getReview(id, isAhead) : undefined
  const url = review?.anonymized_url ?? task.anonymized_url
  const file = url ? fetchFile(url) : undefined
  // Whoever shows it tells what went wrong.
  file?.catch(() => {})
  return { task, review, file, found: await getRegions(id) }
}

/** The image that was read ahead, once, or as it is now. Looking at it is recorded now. */
export async function takeImage(id: string): Promise<ViewedImage> {
  const known = ahead.get(id)
  ahead.delete(id)
  if (!known || Date.now() - known.time >= FRESH_MS) return readImage(id)
  const image = await known.image
  return image.review ? { ...image, review: await getReview(id) } : image
}

/** Saves the anonymized image, where there is one, under the name of its original. */
export async function saveImage({ task, file }: ViewedImage): Promise<void> {
  if (!file) return
  const blob = await file
  save(blob, fileName(task, blob.type).split('/').at(-1)!)
}

/** Reads an image and its file before it is looked at. */
export function readAhead(id: string): void {
  if (ahead.has(id)) return
  const image = readImage(id, true)
  ahead.clear()
  ahead.set(id, { image, time: Date.now() })
  image.catch(() => ahead.delete(id))
}
