/**
 * Loaded into the service (`--import`): tells the parent, whenever it asks, how long the event loop
 * stood still since it last asked. In time, which a busy machine makes longer, and in CPU time of
 * this thread, which it does not.
 */
import { threadCpuMs } from './thread-cpu.js'

const EVERY_MS = 5

let longest = { ms: 0, cpuMs: 0 }
let before = { ms: performance.now(), cpuMs: threadCpuMs(process.pid) }

setInterval(() => {
  const now = { ms: performance.now(), cpuMs: threadCpuMs(process.pid) }
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
