/**
 * Loaded into the service (`--import`): tells the parent, whenever it asks, how long the event loop
 * stood still since it last asked. In time, which a busy machine makes longer, and in CPU time of
 * this thread, which it does not (Linux; elsewhere 0).
 */
import { readFileSync } from 'node:fs'

const EVERY_MS = 5

let longest = { ms: 0, cpuMs: 0 }
let before = { ms: performance.now(), cpuMs: cpuMs() }

setInterval(() => {
  const now = { ms: performance.now(), cpuMs: cpuMs() }
  longest = { ms: Math.max(longest.ms, now.ms - before.ms), cpuMs: Math.max(longest.cpuMs, now.cpuMs - before.cpuMs) }
  before = now
}, EVERY_MS).unref()

process.on('message', message => {
  if (message === 'end') process.exit()
  process.send!(longest)
  longest = { ms: 0, cpuMs: 0 }
})
// The parent's channel does not keep the service alive.
process.channel?.unref()

/** CPU time of the main thread, whose id is that of the process. */
function cpuMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6
  } catch {
    return 0
  }
}
