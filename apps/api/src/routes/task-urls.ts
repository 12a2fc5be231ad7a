import {
  currentKeys,
  DOWNLOAD_URL_SECONDS,
  isHeldBack,
  type ObjectStore,
  originalKey,
  originalType,
  type PolledTask,
  type TaskUrls,
} from '@obscura/shared'

/** Lifetime of URLs of originals for one look, and of results that are held back, in seconds. */
export const PRIVATE_URL_SECONDS = 300
/** Cache-Control of such files. */
export const PRIVATE = 'private, no-store'

/** New signed URLs of a task's result, if there is one and no review holds it back. */
export async function resultUrls(store: ObjectStore, publicUrl: string, task: PolledTask): Promise<TaskUrls> {
  if (task.status !== 'done' || isHeldBack(task)) return {}
  const { outputFormat } = task
  return {
    anonymized:
      outputFormat === null
        ? undefined
        : await store.presignGet(currentKeys(task).anonymized, DOWNLOAD_URL_SECONDS, `image/${outputFormat}`),
    metadata: `${publicUrl}/v2/task/${task.id}/metadata`,
  }
}

/** New signed URLs of all existing files of a task. */
export async function taskUrls(store: ObjectStore, publicUrl: string, task: PolledTask): Promise<TaskUrls> {
  const done = task.status === 'done' && !isHeldBack(task)
  const { binary_segmentation_mask, instance_segmentation_mask } = task.parameters
  const keys = currentKeys(task)
  const png = (key: string, wanted: boolean) =>
    done && wanted ? store.presignGet(key, DOWNLOAD_URL_SECONDS, 'image/png') : undefined
  return {
    ...(await resultUrls(store, publicUrl, task)),
    original: (await showsOriginal(store, task))
      ? await store.presignGet(originalKey(task), DOWNLOAD_URL_SECONDS, originalType(task))
      : undefined,
    binaryMask: await png(keys.binaryMask, binary_segmentation_mask),
    instanceMask: await png(keys.instanceMask, instance_segmentation_mask),
  }
}

/**
 * The store's functions for URLs of files that only their reviewer may see: short-lived, and kept
 * by no cache.
 */
export function privateUrls(store: ObjectStore): ObjectStore {
  return {
    ...store,
    presignGet: (key, _seconds, contentType) => store.presignGet(key, PRIVATE_URL_SECONDS, contentType, PRIVATE),
  }
}

/**
 * Whether a task has an original to show. That of a done task is a copy, and a file that replaces
 * that of a waiting one will be processed; but as long as the upload URL of a failed one is valid,
 * another file may have come in the place of the one that failed.
 */
async function showsOriginal(store: ObjectStore, task: PolledTask): Promise<boolean> {
  return hasOriginal(task) && (task.status !== 'failed' || (await isStored(store, task)))
}

/** Whether the original of a task is in the store, and none that has replaced it. */
export async function isStored(store: ObjectStore, task: PolledTask): Promise<boolean> {
  const file = await store.head(originalKey(task))
  return file !== undefined && (task.status !== 'failed' || file.etag === task.uploadEtag)
}

/** Whether a file was uploaded that may be kept still. */
export function hasOriginal(task: PolledTask): boolean {
  return task.uploadTime !== null && task.status !== 'deleted' && task.failureCause !== 'CONTENT_TYPE_ERROR'
}
