/** How much memory this process and its children can still get, limits of its container included. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

// The two generations of control groups: where they are mounted, and the names of their files.
const GROUPS = [
  { line: /^0::(.*)$/m, mount: 'sys/fs/cgroup', limit: 'memory.max', used: 'memory.current', cache: /^inactive_file (\d+)$/m },
  {
    line: /^\d+:(?:(?!memory[,:])[\w=]+,)*memory(?:,[\w=]+)*:(.*)$/m,
    mount: 'sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    cache: /^total_inactive_file (\d+)$/m,
  },
]

type Group = (typeof GROUPS)[number]

/**
 * Free memory in bytes: what the kernel can give without swapping (MemAvailable), or less if a control group of this process allows less. File
 * cache that has not been used lately counts as free, since the kernel drops it first. `root` is where /proc and /sys lie.
 * @returns undefined where there is no such file system (not Linux): then nobody knows
 */
export async function freeMemory(root = '/'): Promise<number | undefined> {
  const meminfo = await read(join(root, 'proc/meminfo'))
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1]
  if (available === undefined) return undefined
  const own = await read(join(root, 'proc/self/cgroup'))
  const rooms = await Promise.all(GROUPS.flatMap(group => foldersOf(group, root, own).map(folder => roomIn(folder, group))))
  return Math.max(0, Math.min(Number(available) * 1024, ...rooms))
}

// A group's limit holds for those below it. In a container the mount may begin at the container's own group, whatever its path outside is.
function foldersOf({ line, mount }: Group, root: string, own: string): string[] {
  const path = line.exec(own)?.[1]
  if (path === undefined) return []
  const top = join(root, mount)
  const folders: string[] = []
  for (let folder = join(top, path); folder.startsWith(top); folder = dirname(folder)) folders.push(folder)
  return folders
}

async function roomIn(folder: string, { limit, used, cache }: Group): Promise<number> {
  const [most, now, stat] = await Promise.all([limit, used, 'memory.stat'].map(name => read(join(folder, name))))
  // "max" and files that are not there are no limit; neither is the first generation's nine quintillion.
  if (!/^\d/.test(most) || !/^\d/.test(now)) return Number.POSITIVE_INFINITY
  return Number(most) - Number(now) + Number(cache.exec(stat)?.[1] ?? 0)
}

const read = (file: string) => readFile(file, 'utf8').catch(() => '')
