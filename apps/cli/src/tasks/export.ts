import { writeFile } from 'node:fs/promises'
import { type ExportFormat, LABELS, type Labelled, type TaskSelection } from '@obscura/shared'
import { CommandError } from '../command-error.js'
import type { TaskAdmin } from './task-admin.js'

/** Tasks of one request: the service reads their regions one after the other. */
const PAGE = 50

/** Which of the tasks that are done. */
export type DoneSelection = Pick<TaskSelection, 'customer' | 'createdFrom' | 'createdBefore'>

/** Images with labels, and the tasks without. */
export interface Exported {
  images: Labelled[]
  /** Numbers of tasks that have no labels, by the reason. */
  skipped: Map<string, number>
}

/** Labels of tasks: of those given, or of all of a selection. */
export async function exportLabels(admin: TaskAdmin, wanted: readonly number[] | DoneSelection): Promise<Exported> {
  const result: Exported = { images: [], skipped: new Map() }
  for await (const ids of 'length' in wanted ? slices(wanted) : pages(admin, wanted)) {
    const { images, skipped } = await admin.labels(ids)
    result.images.push(...images)
    for (const { reason } of skipped) result.skipped.set(reason, (result.skipped.get(reason) ?? 0) + 1)
  }
  return result
}

function* slices(ids: readonly number[]): Generator<readonly number[]> {
  for (let i = 0; i < ids.length; i += PAGE) yield ids.slice(i, i + PAGE)
}

async function* pages(admin: TaskAdmin, selection: DoneSelection): AsyncGenerator<readonly number[]> {
  let before: number | undefined
  for (;;) {
    const page = await admin.select({ ...selection, status: 'done', before, limit: PAGE })
    if (page.length > 0) yield page.map(({ id }) => id)
    if (page.length < PAGE) return
    before = page.at(-1)?.id
  }
}

/**
 * Writes labels to a file, or to stdout without one.
 * @returns a sentence for each group of tasks
 * @throws CommandError when there are none, or the file cannot be written
 */
export async function writeLabels({ images, skipped }: Exported, format: ExportFormat, file?: string): Promise<string> {
  const left = [...skipped].map(([reason, count]) => `Not exported: ${count} of the tasks. ${reason}`)
  if (images.length === 0) throw new CommandError(['There is nothing to export.', ...left].join('\n'))
  const text = `${JSON.stringify(LABELS[format](images), undefined, 1)}\n`
  if (file === undefined) process.stdout.write(text)
  else
    await writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw new CommandError(error.code === 'EEXIST' ? `${file} exists already.` : `${file} cannot be written: ${error.message}`)
    })
  const regions = images.reduce((sum, image) => sum + image.regions.length, 0)
  const where = file === undefined ? '' : ` to ${file}`
  return [`${images.length} images with ${regions} regions are exported${where}.`, ...left].join('\n')
}
