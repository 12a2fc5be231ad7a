import type { Output } from '@obscura/engine'
import type { ObjectStore, resultKeys } from '@obscura/shared'

/** Writes the files of a result that there are. */
export async function putFiles(store: ObjectStore, keys: ReturnType<typeof resultKeys>, output: Output): Promise<void> {
  if (output.image) await store.put(keys.anonymized, output.image, `image/${output.format}`)
  if (output.binaryMask) await store.put(keys.binaryMask, output.binaryMask, 'image/png')
  if (output.instanceMask) await store.put(keys.instanceMask, output.instanceMask, 'image/png')
}
