import { totalmem } from 'node:os'
import { join } from 'node:path'
import { groupFolders, type Hierarchy, legacy, readText, UNIFIED } from './control-groups.js'

interface Group extends Hierarchy {
  limit: string
  used: string
  cache: RegExp
}

// The names of the files in the two generations of control groups.
const GROUPS: readonly Group[] = [
  { ...UNIFIED, limit: 'memory.max', used: 'memory.current', cache: /^inactive_file (\d+)$/m },
  {
    ...legacy('memory'),
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    cache: /^total_inactive_file (\d+)$/m,
  },
]

/**
 * How much memory this process and its children can still get, in bytes: what the kernel can give
 * without swapping (MemAvailable), or less if a control group of this process allows less. File
 * cache that has not been used lately counts as free, since the kernel drops it first. `root` is
 * where /proc and /sys lie.
 * @returns undefined where there is no such file system (not Linux)
 */
export function freeMemory(root = '/'): number | undefined {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(readText(join(root, 'proc/meminfo')))?.[1]
  if (available === undefined) return undefined
  const rooms = GROUPS.flatMap(group => groupFolders(group, root).map(folder => roomIn(folder, group)))
  return Math.max(0, Math.min(Number(available) * 1024, ...rooms))
}

/**
 * How much memory this process and its children can have at most, in bytes: the machine's `total`,
 * or less where a control group limits it. `root` is where /proc and /sys lie.
 */
export function usableMemory(root = '/', total = totalmem()): number {
  const limits = GROUPS.flatMap(group =>
    groupFolders(group, root).map(folder => Number.parseInt(readText(join(folder, group.limit)), 10)),
  )
  return Math.min(total, ...limits.filter(limit => limit >= 0))
}

function roomIn(folder: string, { limit, used, cache }: Group): number {
  const [most, now, stat] = [limit, used, 'memory.stat'].map(name => readText(join(folder, name)))
  // "max" and files that are not there are no limit; neither is the first generation's nine
  // quintillion.
  if (!/^\d/.test(most) || !/^\d/.test(now)) return Number.POSITIVE_INFINITY
  return Number(most) - Number(now) + Number(cache.exec(stat)?.[1] ?? 0)
}
