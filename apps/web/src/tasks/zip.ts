import { type InputWithMeta, downloadZip as zipOf } from 'client-zip'
import { sameUser, UserChangedError } from '../api/batch.js'
import { fetchFile } from '../api/session.js'
import { getDetections, getTask, type Task } from '../api/tasks.js'
import { text } from '../text/index.js'

/** Above so many images the file is written as it is made, where the browser can. */
const STREAMED = 20

interface SavePicker {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>
}

/**
 * Saves the results of tasks as one ZIP file. With `everything` also masks and metadata.
 * @param onProgress number of tasks packed, and of all
 * @returns what is not in it: sentences that name the tasks
 * @throws UserChangedError; AbortError when the user chooses no place for the file
 */
export async function zipTasks(
  ids: readonly number[],
  everything: boolean,
  onProgress: (done: number, all: number) => void,
): Promise<string[]> {
  const left: string[] = []
  const check = sameUser()
  const files = () => filesOf(ids, everything, check, onProgress, sentence => left.push(sentence))
  await saveZip('anonymized.zip', ids.length, files)
  return left
}

/**
 * Saves files of `count` images as a ZIP file.
 * @throws AbortError when the user chooses no place for the file
 */
export async function saveZip(name: string, count: number, files: () => AsyncGenerator<InputWithMeta>): Promise<void> {
  const { showSaveFilePicker } = window as SavePicker
  // The question belongs to the click: nothing may be awaited before.
  const place = count > STREAMED ? await showSaveFilePicker?.({ suggestedName: name }) : undefined
  const zip = zipOf(files())
  if (place) await zip.body!.pipeTo(await place.createWritable())
  else save(await zip.blob(), name)
}

async function* filesOf(
  ids: readonly number[],
  everything: boolean,
  check: () => void,
  onProgress: (done: number, all: number) => void,
  onLeft: (sentence: string) => void,
): AsyncGenerator<InputWithMeta> {
  const unique = uniqueNames()
  for (const [i, id] of ids.entries()) {
    check()
    onProgress(i, ids.length)
    try {
      const task = await getTask(id)
      const image = task.anonymized_url ? await fetchFile(task.anonymized_url) : undefined
      const name = unique(fileName(task, image?.type ?? ''))
      const files = image ? [{ name, input: new Response(image) }] : []
      const more = everything && task.task_status === 'done' ? await sidecars(task, name, check) : []
      if (files.length + more.length === 0) onLeft(`${task.name ?? `#${id}`}: ${reasonOf(task)}`)
      yield* [...files, ...more]
    } catch (error) {
      if (error instanceof UserChangedError) throw error
      // One image that is gone must not cost the others.
      onLeft(`#${id}: ${(error as Error).message}`)
    }
  }
}

/** Why a task has nothing to download. */
function reasonOf({ failure_cause, review_status, task_status }: Task): string {
  const t = text.value
  if (failure_cause) return t.causes[failure_cause] ?? failure_cause
  return review_status && review_status !== 'approved' ? t.reviewStates[review_status] : t.states[task_status]
}

function uniqueNames(): (name: string) => string {
  const names = new Set<string>()
  return name => {
    let free = name
    for (let i = 2; names.has(free); i++) free = name.replace(/(\.\w+)?$/, ` (${i})$1`)
    names.add(free)
    return free
  }
}

/** Masks that were asked for, and what is known of the image, without URLs. */
async function sidecars(task: Task, name: string, check: () => void): Promise<InputWithMeta[]> {
  const stem = name.replace(/\.\w+$/, '')
  const files: InputWithMeta[] = []
  const masks = { binary: task.binary_segmentation_mask_url, instance: task.instance_segmentation_mask_url }
  for (const [kind, url] of Object.entries(masks)) {
    if (url) files.push({ name: `${stem}.${kind}.png`, input: new Response(await fetchFile(url)) })
  }
  const known = Object.fromEntries(Object.entries(task).filter(([key]) => !key.includes('_url')))
  check()
  const detections = await getDetections(task.task_id)
  return [...files, { name: `${stem}.json`, input: new Response(JSON.stringify({ ...known, detections }, null, 2)) }]
}

/** The name of a task's result, with the extension of its type and no way out of the folder. */
export function fileName({ name, task_id }: Pick<Task, 'name' | 'task_id'>, type: string): string {
  const extension = type === 'image/png' ? 'png' : 'jpg'
  const path = (name ?? '').split(/[/\\]/).filter(part => part !== '' && part !== '.' && part !== '..')
  const safe = path.map(part => part.replace(/[<>:"|?*\p{Cc}]/gu, '_')).join('/')
  if (safe === '') return `${task_id}.${extension}`
  return /\.(png|jpe?g)$/i.test(safe) ? safe : `${safe}.${extension}`
}

/** Saves a file under a name. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
