import { InvalidArgumentError } from 'commander'

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/**
 * Parses a time: a duration before now (30m, 2h, 3d, 1w), a day (2026-11-21, UTC) or a point in
 * time (2026-11-21T18:00Z). `now` is in ms.
 * @throws InvalidArgumentError
 */
export function parseTime(text: string, now = Date.now()): Date {
  const ago = /^(\d{1,6})([smhdw])$/.exec(text)
  const time = ago ? new Date(now - Number(ago[1]) * SECONDS[ago[2]] * 1000) : parseInstant(text)
  if (Number.isNaN(time.getTime()) || time.getTime() < 0)
    throw new InvalidArgumentError(
      'It must be a duration before now (30m, 2h, 3d, 1w) or a time (2026-11-21, 2026-11-21T18:00Z).',
    )
  return time
}

function parseInstant(text: string): Date {
  return new Date(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? text : Number.NaN)
}

/** The age of a time in its largest unit: 45s, 3m, 2h, 5d. */
export function formatAge(time: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000))
  const unit = ['d', 'h', 'm'].find(name => seconds >= SECONDS[name]) ?? 's'
  return `${Math.floor(seconds / SECONDS[unit])}${unit}`
}
