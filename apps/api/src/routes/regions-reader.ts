import { detectedRegions, type PolledTask, type StoredRegion } from '@obscura/shared'
import { createFairQueue } from '../access/fair-queue.js'
import type { ApiDependencies } from '../settings.js'

/** Files of regions read at once: a large one takes a fifth of a second of this process. */
const CONCURRENCY = 1

/**
 * Reads the regions that were detected in a task, when its customer's turn has come. The next file
 * is read when `use` has returned, so what `use` does not keep is held for one task at a time.
 * @throws ContractError unavailable, or as {@link detectedRegions}
 */
export type RegionsReader = <T>(task: PolledTask, use: (detected: StoredRegion[]) => T | Promise<T>) => Promise<T>

/** Creates a reader whose turns count for all routes that share it. */
export function createRegionsReader({ store, settings }: Pick<ApiDependencies, 'store' | 'settings'>): RegionsReader {
  const inTurn = createFairQueue(CONCURRENCY, settings.maxConnections, 'unavailable')
  return (task, use) => inTurn(task.customerId, async () => use(await detectedRegions(store, task)))
}
