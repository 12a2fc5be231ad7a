import { readdir, readFile } from 'node:fs/promises'

/**
 * What Linux's /proc says of the engine's child processes: what they cost beside the time that
 * passes.
 */
export interface EngineProcess {
  /** The largest resident set that a child had so far, in bytes. */
  peakMemory: number
  /** CPU time of the children so far, in seconds. */
  cpu: number
}

/** Clock ticks a second in /proc, the same on every Linux of today. (getconf CLK_TCK) */
const TICKS = 100

/** Looks at all children of this process. */
export async function engineProcess(): Promise<EngineProcess> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const files = await Promise.all(
    pids.map(pid => Promise.all(['status', 'stat'].map(name => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')))),
  )
  const children = files.filter(([status]) => status.includes(`\nPPid:\t${process.pid}\n`))
  return {
    peakMemory: 1024 * Math.max(0, ...children.map(([status]) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0))),
    cpu: children.reduce((sum, [, stat]) => sum + ticksOf(stat), 0) / TICKS,
  }
}

/**
 * Time in user and in system mode: the 14th and 15th field, behind a name in parentheses that may
 * hold anything. (proc(5))
 */
function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
