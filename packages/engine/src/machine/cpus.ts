import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { groupFolders, legacy, readText, UNIFIED } from './control-groups.js'

/**
 * Number of cores that this process may use: those it may run on (its affinity, the cpuset of its
 * container), or fewer where a control group has a quota of CPU time (`docker run
 * --cpus`, Kubernetes' limits). Rounded down, at least 1: a process more would be held up by the
 * quota and need its memory anyway. `root` is where /proc and /sys lie.
 */
export function usableCpus(root = '/', cpus = availableParallelism()): number {
  const quotas = [
    ...groupFolders(UNIFIED, root).map(folder => shareOf(readText(join(folder, 'cpu.max')))),
    ...groupFolders(legacy('cpu'), root).map(folder =>
      shareOf(['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map(name => readText(join(folder, name))).join(' ')),
    ),
  ]
  return Math.max(1, Math.floor(Math.min(cpus, ...quotas)))
}

/**
 * "150000 100000": the microseconds of use in each period, and the period, 1.5 CPUs. "max", -1 and
 * files that are not there are no limit.
 */
function shareOf(text: string): number {
  const [, quota, period] = /^(\d+)\s+(\d+)\s*$/.exec(text) ?? []
  return Number(quota) > 0 && Number(period) > 0 ? Number(quota) / Number(period) : Number.POSITIVE_INFINITY
}
