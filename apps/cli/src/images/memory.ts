import { setTimeout as sleep } from 'node:timers/promises'
import { freeMemory } from '@obscura/engine/machine'
import { adviceOnReserve } from './limits.js'
import type { Progress } from './progress.js'

const POLL_MS = 1000

/**
 * Waits until enough memory is free, on the machine and in the container, or `signal`
 * aborts; `progress` shows why.
 */
export async function waitForMemory(bytes: number, signal: AbortSignal, progress: Progress): Promise<void> {
  for (;;) {
    const free = bytes > 0 ? freeMemory() : undefined
    if (free === undefined || free >= bytes || signal.aborted) return
    progress.waiting(`waiting for memory: ${Math.floor(free / 1e6)} MB are free; ${adviceOnReserve(bytes)}`)
    await sleep(POLL_MS, undefined, { signal }).catch(() => {})
  }
}
