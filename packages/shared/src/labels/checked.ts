/** Which tasks were checked by a person, and what their regions are since. */
import { CLASSES, ContractError, type Edits, editedRegions, RegionsError, type StoredRegion } from '@obscura/contract'
import type { Db, Queryable } from '../db/db.js'
import type { ObjectStore } from '../store/store.js'
import { detectedRegions } from '../tasks/detected.js'
import { findTasks } from '../tasks/read.js'
import { findRevision } from '../tasks/revisions.js'
import type { PolledTask } from '../tasks/task.js'
import { originalType } from '../tasks/upload.js'
import type { Labelled } from './formats.js'

const UNCHECKED = 'Nobody has approved or corrected it.'

/** Reads the detected regions of a task, as `detectedRegions` does, and passes them on. */
export type RegionsOf = <T>(task: PolledTask, use: (detected: StoredRegion[]) => Promise<T>) => Promise<T>

/**
 * The labels of a task, or a sentence on why there are none: it is not done, nobody has approved or
 * corrected it, or what was detected is no longer known.
 * @param onInvalid called with a file of regions that cannot be read
 */
export async function checkedLabels(
  db: Queryable,
  task: PolledTask | undefined,
  read: RegionsOf,
  onInvalid?: (error: RegionsError) => void,
): Promise<Labelled | string> {
  if (!task || task.status === 'deleted') return 'There is no such task, or it is deleted.'
  if (task.status !== 'done') return 'It is not done.'
  const { reviewStatus } = task
  if (reviewStatus !== null && reviewStatus !== 'approved') return `It is not approved: its review is ${reviewStatus}.`
  if (reviewStatus === null && task.revision === 0) return UNCHECKED
  try {
    return await read(task, async detected => {
      const revision = await findRevision(db, task.id, task.revision)
      if (reviewStatus === null && !(revision && correctsObjects(revision.edits))) return UNCHECKED
      return labelled(task, revision ? editedRegions(detected, revision.edits) : detected)
    })
  } catch (error) {
    if (error instanceof ContractError && error.code === 'regionsMissing') return error.message
    if (!(error instanceof RegionsError)) throw error
    onInvalid?.(error)
    return 'Its file of regions is invalid: create a new task.'
  }
}

function labelled(task: PolledTask, regions: readonly StoredRegion[]): Labelled {
  return {
    taskId: task.id,
    fileName: `${task.id}.${originalType(task) === 'image/png' ? 'png' : 'jpg'}`,
    width: task.outputWidth!,
    height: task.outputHeight!,
    searched: CLASSES.filter(name => task.parameters[name]),
    regions: regions.map(({ class: name, box, polygon }) => ({ class: name, box, polygon })),
  }
}

/** Whether somebody has corrected what was found; areas and methods say nothing about it. */
function correctsObjects({ removed, added, changed, detected }: Edits): boolean {
  return (
    removed.some(id => id < detected) ||
    added.some(region => region.class !== 'area') ||
    Object.values(changed).some(change => change.class !== undefined)
  )
}

/** Labels of tasks, and why others have none. */
export interface LabelsOfTasks {
  images: Labelled[]
  skipped: { taskId: number; reason: string }[]
}

/** The labels of tasks of any customer, for operators: regions of one task are held at a time. */
export async function labelsOfTasks(db: Db, store: ObjectStore, ids: readonly number[]): Promise<LabelsOfTasks> {
  const result: LabelsOfTasks = { images: [], skipped: [] }
  const tasks = new Map((await findTasks(db, ids)).map(task => [task.id, task]))
  const read: RegionsOf = async (task, use) => use(await detectedRegions(store, task))
  for (const taskId of ids) {
    const labels = await checkedLabels(db, tasks.get(taskId), read)
    if (typeof labels === 'string') result.skipped.push({ taskId, reason: labels })
    else result.images.push(labels)
  }
  return result
}
