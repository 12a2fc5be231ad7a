import type { InputWithMeta } from 'client-zip'
import { sameUser } from '../api/batch.js'
import { exportLabels } from '../api/labels.js'
import { lookAtOriginal } from '../api/originals.js'
import { saveZip } from './zip.js'

/**
 * Saves the originals of checked images with their labels, for `npm run bench` and as COCO JSON.
 * Each original is a look that the audit log records.
 * @returns what is not in it: sentences that name the tasks
 * @throws ApiError; UserChangedError; AbortError when the user chooses no place for the file
 */
export async function zipLabels(ids: readonly number[], onProgress: (done: number, all: number) => void): Promise<string[]> {
  const left: string[] = []
  const check = sameUser()
  async function* files(): AsyncGenerator<InputWithMeta> {
    check()
    const bench = await exportLabels('bench', ids)
    check()
    const coco = await exportLabels('coco', ids)
    left.push(...bench.skipped.map(({ task_id, reason }) => `#${task_id}: ${reason}`))
    yield { name: 'annotations.json', input: new Response(JSON.stringify(bench.labels, null, 1)) }
    yield { name: 'coco.json', input: new Response(JSON.stringify(coco.labels, null, 1)) }
    for (const [i, { task_id, file_name }] of bench.images.entries()) {
      check()
      onProgress(i, bench.images.length)
      // Labels without their image cannot be measured: such an export ends.
      yield { name: file_name, input: new Response(await lookAtOriginal(task_id, new AbortController().signal)) }
    }
  }
  await saveZip('labels.zip', ids.length, files)
  return left
}
