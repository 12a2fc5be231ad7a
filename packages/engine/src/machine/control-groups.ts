/** Where Linux keeps the limits of the control groups (containers, units of systemd) that this process belongs to. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One generation of control groups, as far as one controller is concerned. */
export interface Hierarchy {
  /** The line of /proc/self/cgroup that names the group of this process; its first capture is the group's path. */
  line: RegExp
  /** Where it is mounted, below the root. */
  mount: string
}

/** The one hierarchy of the second generation, which all controllers share. */
export const UNIFIED: Hierarchy = { line: /^0::(.*)$/m, mount: 'sys/fs/cgroup' }

/** The hierarchy of one controller of the first generation. */
export function legacy(controller: 'cpu' | 'memory'): Hierarchy {
  return { line: new RegExp(`^\\d+:(?:\\S*,)?${controller}(?:,\\S*)?:(.*)$`, 'm'), mount: `sys/fs/cgroup/${controller}` }
}

/**
 * The folders of this process's group and of those above it, whose limits hold as well. In a container the mount may begin at the container's own group,
 * whatever its path outside is: its folder is among them too. `root` is where /proc and /sys lie.
 */
export function groupFolders({ line, mount }: Hierarchy, root: string): string[] {
  const path = line.exec(readText(join(root, 'proc/self/cgroup')))?.[1]
  if (path === undefined) return []
  const top = join(root, mount)
  const folders: string[] = []
  for (let folder = join(top, path); folder.startsWith(top); folder = dirname(folder)) folders.push(folder)
  return folders
}

/** The text of a file of the kernel; empty where there is none. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
