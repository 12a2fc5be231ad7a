/** Days in the user's time zone, for an API whose days are those of UTC. */

/** Before the first task of any service. */
const EVER = '2000-01-01'
const DAY_MS = 86_400_000

/** A range of days in the user's time zone. */
export interface Period {
  /** Days of UTC, as YYYY-MM-DD, that contain all of the period; no `dayAfter`: it has no end. */
  firstDay: string
  dayAfter?: string
  /** Whether a time, in milliseconds since 1970 UTC, is in it. */
  contains(time: number): boolean
}

/** The period from a first to a last day (YYYY-MM-DD, in the user's time zone); empty: open. */
export function periodOf(from: string, to: string): Period {
  const start = from ? new Date(`${from}T00:00`).getTime() : Number.NEGATIVE_INFINITY
  const end = to ? nextDay(to) : Number.POSITIVE_INFINITY
  const firstDay = from ? utcDay(start) : EVER
  // The day of the last millisecond, and one more; at least one day after the first.
  const dayAfter = to ? utcDay(Math.max(end - 1, from ? start : end - 1) + DAY_MS) : undefined
  return { firstDay, dayAfter, contains: time => time >= start && time < end }
}

/** Not 24 hours later: clocks may be changed on that day. */
function nextDay(day: string): number {
  const date = new Date(`${day}T00:00`)
  date.setDate(date.getDate() + 1)
  return date.getTime()
}

const utcDay = (time: number) => new Date(time).toISOString().slice(0, 10)
