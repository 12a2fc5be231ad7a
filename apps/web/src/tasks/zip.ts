import { type InputWithMeta, downloadZip as zipOf } from 'client-zip'
import { getDetections, getTask, type Task } from '../api/tasks.js'

/**
 * Saves the results of tasks as one ZIP file. With `everything` also masks and detections.
 * @param onProgress number of tasks packed, and of all
 */
export async function downloadZip(
  ids: readonly number[],
  everything: boolean,
  onProgress: (done: number, all: number) => void,
): Promise<void> {
  const names = new Set<string>()
  const unique = (name: string) => {
    let free = name
    for (let i = 2; names.has(free); i++) free = name.replace(/(\.\w+)?$/, ` (${i})$1`)
    names.add(free)
    return free
  }
  async function* files(): AsyncGenerator<InputWithMeta> {
    for (const [i, id] of ids.entries()) {
      onProgress(i, ids.length)
      const task = await getTask(id)
      if (task.anonymized_url) {
        const name = unique(fileName(task))
        yield { name, input: await fetched(task.anonymized_url) }
        if (everything) yield* sidecars(task, name)
      }
    }
    onProgress(ids.length, ids.length)
  }
  save(await zipOf(files()).blob(), 'anonymized.zip')
}

async function* sidecars(task: Task, name: string): AsyncGenerator<InputWithMeta> {
  const stem = name.replace(/\.\w+$/, '')
  const masks = { binary: task.binary_segmentation_mask_url, instance: task.instance_segmentation_mask_url }
  for (const [kind, url] of Object.entries(masks)) if (url) yield { name: `${stem}.${kind}.png`, input: await fetched(url) }
  yield { name: `${stem}.json`, input: new Response(JSON.stringify(await getDetections(task.task_id), null, 2)) }
}

/** The name of a task's result, with the extension of its type and no way out of the folder. */
export function fileName({ name, task_id, anonymized_url }: Task): string {
  const extension = /\.(png|jpe?g)(\?|$)/i.exec(anonymized_url ?? '')?.[1] ?? 'jpg'
  const path = (name ?? '').split(/[/\\]/).filter(part => part !== '' && part !== '.' && part !== '..')
  const safe = path.map(part => part.replace(/[<>:"|?*\p{Cc}]/gu, '_')).join('/')
  if (safe === '') return `${task_id}.${extension}`
  return /\.(png|jpe?g)$/i.test(safe) ? safe : `${safe}.${extension}`
}

async function fetched(url: string): Promise<Response> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`)
  return answer
}

/** Saves a file under a name. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
