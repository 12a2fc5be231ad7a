import {
  DOWNLOAD_URL_SECONDS,
  type ObjectStore,
  originalKey,
  type PolledTask,
  resultKeys,
  type TaskUrls,
  uploadKind,
} from '@obscura/shared'

/** New signed URLs of a task's result, if there is one. */
export async function resultUrls(store: ObjectStore, publicUrl: string, task: PolledTask): Promise<TaskUrls> {
  if (task.status !== 'done') return {}
  const { outputFormat } = task
  return {
    anonymized:
      outputFormat === null
        ? undefined
        : await store.presignGet(
            resultKeys(task, task.attempt, outputFormat).anonymized,
            DOWNLOAD_URL_SECONDS,
            `image/${outputFormat}`,
          ),
    metadata: `${publicUrl}/v2/task/${task.id}/metadata`,
  }
}

/** New signed URLs of all existing files of a task. */
export async function taskUrls(store: ObjectStore, publicUrl: string, task: PolledTask): Promise<TaskUrls> {
  const done = task.status === 'done'
  const { binary_segmentation_mask, instance_segmentation_mask } = task.parameters
  const keys = resultKeys(task, task.attempt, task.outputFormat ?? 'jpeg')
  const png = (key: string, wanted: boolean) =>
    done && wanted ? store.presignGet(key, DOWNLOAD_URL_SECONDS, 'image/png') : undefined
  return {
    ...(await resultUrls(store, publicUrl, task)),
    original: hasOriginal(task) ? await store.presignGet(originalKey(task), DOWNLOAD_URL_SECONDS, originalType(task)) : undefined,
    binaryMask: await png(keys.binaryMask, binary_segmentation_mask),
    instanceMask: await png(keys.instanceMask, instance_segmentation_mask),
  }
}

function hasOriginal(task: PolledTask): boolean {
  return task.uploadTime !== null && task.status !== 'deleted' && task.failureCause !== 'CONTENT_TYPE_ERROR'
}

// Never a type that a browser would execute, whatever the uploader declared.
function originalType({ uploadType, outputFormat }: PolledTask): string {
  if (outputFormat) return `image/${outputFormat}`
  return uploadKind(uploadType ?? undefined) === 'image' ? uploadType!.split(';')[0].trim() : 'application/octet-stream'
}
