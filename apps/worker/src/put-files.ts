import type { Output } from '@obscura/engine'
import type { ObjectStore, resultKeys } from '@obscura/shared'

/** Writes the files of a result that there are. @returns their bytes */
export async function putFiles(store: ObjectStore, keys: ReturnType<typeof resultKeys>, output: Output): Promise<number> {
  const { image, preview, binaryMask, instanceMask } = output
  if (image) await store.put(keys.anonymized, image, `image/${output.format}`)
  if (preview) await store.put(keys.preview, preview, 'image/jpeg')
  if (binaryMask) await store.put(keys.binaryMask, binaryMask, 'image/png')
  if (instanceMask) await store.put(keys.instanceMask, instanceMask, 'image/png')
  return [image, preview, binaryMask, instanceMask].reduce((bytes, file) => bytes + (file?.length ?? 0), 0)
}
