/**
 * A clock of our own for processes, which can be set while they run: libfaketime, loaded into them.
 * Timers go on as they did.
 */
import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface FakeClock {
  /** What a process needs to live by this clock. */
  env: Record<string, string>
  /** Sets its offset from the right time in seconds. */
  set(seconds: number): Promise<void>
}

/** A clock that is right, kept in `file`. The package `faketime` must be there. */
export async function startClock(file: string): Promise<FakeClock> {
  const set = (seconds: number) => writeFile(file, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  await set(0)
  return {
    env: {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
  }
}

// Debian keeps it in a folder named after the processor.
function library(): string {
  const folder = readdirSync('/usr/lib').find(name => name.endsWith('-linux-gnu'))
  return join('/usr/lib', folder ?? '', 'faketime/libfaketime.so.1')
}
