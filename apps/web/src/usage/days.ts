/** Sums of usage, for plots. */
import { CLASSES } from '@obscura/contract'
import type { Storage, UsageDay } from '../api/usage.js'

const DAY_MS = 86_400_000

/** The last `count` days up to `today`, oldest first, as YYYY-MM-DD in UTC. */
export function lastDays(count: number, today = Date.now()): string[] {
  return Array.from({ length: count }, (_, i) => new Date(today - (count - 1 - i) * DAY_MS).toISOString().slice(0, 10))
}

/** One entry for each of `days`: the sum of what was done on it. */
export function byDay(items: readonly UsageDay[], days: readonly string[]): UsageDay[] {
  return days.map(day => ({ ...total(items.filter(item => item.day === day)), day }))
}

/** The sum of several days or customers. */
export function total(items: readonly UsageDay[]): UsageDay {
  const sum = (value: (item: UsageDay) => number) => items.reduce((all, item) => all + value(item), 0)
  return {
    day: '',
    done: sum(({ done }) => done),
    failed: sum(({ failed }) => failed),
    megapixels: sum(({ megapixels }) => megapixels),
    seconds: sum(({ seconds }) => seconds),
    uploaded_bytes: sum(({ uploaded_bytes }) => uploaded_bytes),
    detections: Object.fromEntries(
      CLASSES.map(name => [name, sum(({ detections }) => detections[name])]),
    ) as UsageDay['detections'],
  }
}

/** Storage added up over customers. */
export function totalStorage(storage: readonly Storage[]): Storage {
  const sum = (name: keyof Storage) => storage.reduce((all, item) => all + item[name], 0)
  return { tasks: sum('tasks'), original_bytes: sum('original_bytes'), result_bytes: sum('result_bytes') }
}

/** The upper end of an axis: 1, 2 or 5 times a power of ten, at least `value`. */
export function axisEnd(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map(step => step * power).find(end => end >= value) ?? 10 * power
}
