import { listTasks } from '../api/tasks.js'
import { filter } from '../tasks/filter.js'

/** Ids of the finished images that were listed with a filter, newest first. */
let known: { key: string; ids: number[] } = { key: '', ids: [] }

/** In time, as the list is sorted. */
export type Direction = 'newer' | 'older'

/** The finished images next to one, as the list has them. */
export async function neighbours(id: string): Promise<{ [Side in Direction]?: number }> {
  const at = Number(id)
  const done = { ...filter.value, status: 'done' }
  const key = JSON.stringify(done)
  const position = known.key === key ? known.ids.indexOf(at) : -1
  if (position <= 0 || position === known.ids.length - 1) {
    const newest = (await listTasks(300, done)).items
    const older = (await listTasks(300, done, at)).items
    const ids = [...newest, ...older].map(item => item.task_id)
    known = { key, ids: [...new Set(ids.concat(at))].sort((a, b) => b - a) }
  }
  const i = known.ids.indexOf(at)
  return { newer: known.ids[i - 1], older: known.ids[i + 1] }
}
