/**
 * Where Linux keeps the limits of the control groups (containers, units of systemd) that this
 * process belongs to.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One hierarchy of control groups. */
export interface Hierarchy {
  /**
   * By which /proc/self/cgroup names it; empty for the one of the second generation, which all
   * controllers share.
   */
  controller: string
  /** Where it is mounted, below the root. */
  mount: string
}

/** The hierarchy of the second generation. */
export const UNIFIED: Hierarchy = { controller: '', mount: 'sys/fs/cgroup' }

/** The hierarchy of one controller of the first generation. */
export function legacy(controller: 'cpu' | 'memory'): Hierarchy {
  return { controller, mount: `sys/fs/cgroup/${controller}` }
}

/**
 * The folders of this process's group and of those above it, whose limits hold as well. In a
 * container the mount may begin at the container's own group, whatever its path outside is: its
 * folder is among them too. `root` is where /proc and /sys lie.
 */
export function groupFolders({ controller, mount }: Hierarchy, root: string): string[] {
  const path = groupPath(controller, readText(join(root, 'proc/self/cgroup')))
  if (path === undefined) return []
  const top = join(root, mount)
  const folders: string[] = []
  for (let folder = join(top, path); folder.startsWith(top); folder = dirname(folder)) folders.push(folder)
  return folders
}

/** A line is the hierarchy's number, its controllers, and the path: "4:cpu,cpuacct:/docker/1a". */
function groupPath(controller: string, text: string): string | undefined {
  for (const line of text.split('\n')) {
    const [, controllers, ...path] = line.split(':')
    if (controllers?.split(',').includes(controller)) return path.join(':')
  }
  return undefined
}

/** The text of a file of the kernel; empty where there is none. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
