import { readFileSync } from 'node:fs'

/** CPU time in ms that the main thread of a process has used so far; on Linux, elsewhere 0. */
export function threadCpuMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6
  } catch {
    return 0
  }
}
