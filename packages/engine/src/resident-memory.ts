import { readFile } from 'node:fs/promises'

/**
 * Resident set size of a process and its descendants in bytes: a sandbox adds its own processes
 * between ours and the working one. 0 where the system has no /proc.
 */
export async function residentMemory(pid: number): Promise<number> {
  const [status, children] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => ''),
  ])
  const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
  const others = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(residentMemory))
  return others.reduce((sum, bytes) => sum + bytes, own)
}
