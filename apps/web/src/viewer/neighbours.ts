import { listTasks } from '../api/tasks.js'

/** Ids of the finished images that were listed, newest first. */
let known: number[] = []

/** The finished images next to one, as the list has them. */
export async function neighbours(id: string): Promise<{ newer?: number; older?: number }> {
  const at = Number(id)
  const position = known.indexOf(at)
  if (position <= 0 || position === known.length - 1) {
    const newest = (await listTasks(300, 'done')).items
    const older = (await listTasks(300, 'done', at)).items
    known = [...new Set([...newest, ...older].map(item => item.task_id).concat(at))].sort((a, b) => b - a)
  }
  const i = known.indexOf(at)
  return { newer: known[i - 1], older: known[i + 1] }
}
