/**
 * A task's id is the microsecond of its creation since 1970 UTC: 16 digits, below 2^53 until the year 2255. Ids are made unique by
 * bumping a taken one by a microsecond, so that id and create_time always name the same instant.
 */

/** The id's instant as the API writes it: `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC without a zone suffix. */
export function createTime(taskId: number): string {
  return microsecondTime(taskId)
}

/** Microseconds since 1970 as `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC. */
export function microsecondTime(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1e6)
  const fraction = String(microseconds - seconds * 1e6).padStart(6, '0')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}`
}

/**
 * Reads a task id from a path.
 * @returns the number; NaN when the text is no integer; undefined when it is an integer that no task can have
 */
export function readTaskId(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return Number.NaN
  const id = Number(text)
  return Number.isSafeInteger(id) && id > 0 ? id : undefined
}
