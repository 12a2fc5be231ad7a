/**
 * The ID of a task is its creation time in microseconds since 1970 UTC: 16 digits, below 2^53 until
 * the year 2255. IDs are made unique by incrementing a taken one by a microsecond, so that ID and
 * create_time always denote the same time.
 */

/**
 * The time of an ID in the format of the API: `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC without a zone
 * suffix.
 */
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
 * @returns the number; NaN when the text is not an integer; undefined when no task can have this
 * integer
 */
export function readTaskId(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return Number.NaN
  const id = Number(text)
  return Number.isSafeInteger(id) && id > 0 ? id : undefined
}
