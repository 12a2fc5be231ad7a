import { ContractError, readRegions, type StoredRegion } from '@obscura/contract'
import { ObjectMissingError, type ObjectStore } from '../store/store.js'
import { regionsKey } from './keys.js'
import type { PolledTask } from './task.js'

/**
 * The regions that were detected in a task that is done.
 * @throws ContractError regionsMissing when it is older than this file, or has too many;
 * RegionsError when an engine process made a file that it should not
 */
export async function detectedRegions(store: ObjectStore, task: PolledTask): Promise<StoredRegion[]> {
  const file = await store.get(regionsKey(task, task.attempt)).catch(error => {
    throw error instanceof ObjectMissingError ? new ContractError('regionsMissing', {}, { cause: error }) : error
  })
  return readRegions(file, { width: task.outputWidth!, height: task.outputHeight! })
}
