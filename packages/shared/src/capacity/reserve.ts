/**
 * A reserve of disk or memory that must stay free: work is delayed or refused before the resource
 * is exhausted.
 */
import { Gauge } from 'prom-client'
import type { Logger } from '../log.js'

/** Too little is free; the message says how much, and names the setting. */
export class ShortageError extends Error {
  override readonly name = 'ShortageError'
}

/** Disk or memory that must stay free. */
export interface Reserve {
  /**
   * @throws ShortageError when `bytes` more would leave less free than the reserve, or than the
   * fraction `share` of it (0..1)
   */
  require(bytes: number, fraction?: number): Promise<void>
}

/** What is reserved, and how it is measured. */
export interface ReserveOptions {
  resource: 'disk' | 'memory'
  /** Bytes that must stay free; 0: no limit. */
  bytes: number
  /** Free bytes now; undefined if unknown. */
  measure: () => Promise<number | undefined>
  /** The setting of the reserve. */
  setting: string
}

const free = new Gauge({ name: 'obscura_free_bytes', help: 'Free bytes of disk or memory', labelNames: ['resource'] })
const short = new Gauge({
  name: 'obscura_short',
  help: '1 while work is delayed or refused because disk or memory is short',
  labelNames: ['resource'],
})

// Hysteresis: this much more must be free before the log reports the end of a shortage.
const OVER = 1.1

/** The reserve of one resource. Logs the start and the end of a shortage once. */
export function createReserve({ resource, bytes, measure, setting }: ReserveOptions, log: Logger): Reserve {
  let isShort = false

  function note(now: number): void {
    free.set({ resource }, now)
    const was = isShort
    isShort = now < bytes * (was ? OVER : 1)
    short.set({ resource }, Number(isShort))
    if (isShort && !was) log.warn({ resource, free: now, reserve: bytes }, `${shortage(now)} Work is delayed until more is free.`)
    if (was && !isShort) log.info({ resource, free: now, reserve: bytes }, `Enough ${resource} is free again.`)
  }

  const shortage = (now: number) =>
    `Only ${Math.floor(now / 1e6)} MB of ${resource} are free; ${setting} reserves ${Math.ceil(bytes / 1e6)} MB.`

  return {
    async require(more, fraction = 1) {
      const now = bytes > 0 ? await measure() : undefined
      if (now === undefined) return
      note(now)
      if (now - more < bytes * fraction) throw new ShortageError(shortage(now))
    },
  }
}
