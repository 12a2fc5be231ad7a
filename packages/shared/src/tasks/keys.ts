import type { Task } from './task.js'

type Owned = Pick<Task, 'id' | 'customerId'>

/** Prefix of all files of a task in the store. */
export function taskPrefix(task: Owned): string {
  return `${task.customerId}/${task.id}/`
}

/** Key of the uploaded file. As long as its URL is valid, an upload may replace it. */
export function uploadKey(task: Owned): string {
  return `${taskPrefix(task)}original`
}

/** Key of the file that is shown as the original: of a done task the one that was anonymized. */
export function originalKey(task: Owned & Pick<Task, 'attempt' | 'originalKept'>): string {
  return task.originalKept ? keptOriginalKey(task, task.attempt) : uploadKey(task)
}

/** Key of an attempt's copy of the original. */
export function keptOriginalKey(task: Owned, attempt: number): string {
  return `${attemptPrefix(task, attempt)}original`
}

/**
 * Prefix of the files of one attempt. Attempts never share a key, so a stale worker cannot
 * overwrite files of a later one.
 */
export function attemptPrefix(task: Owned, attempt: number): string {
  return `${taskPrefix(task)}${attempt}/`
}

/** Key of the regions that an attempt detected, from which corrections are rendered. */
export function regionsKey(task: Owned, attempt: number): string {
  return `${attemptPrefix(task, attempt)}regions.json`
}

/** Prefix of the results of a revision; those of revision 0 are directly in that of the attempt. */
export function revisionPrefix(task: Owned, attempt: number, revision: number): string {
  return `${attemptPrefix(task, attempt)}${revision === 0 ? '' : `revision-${revision}/`}`
}

/** The revision that a result belongs to; undefined for other files of the attempt. */
export function revisionOfKey(key: string): number | undefined {
  const match = /(?:\/revision-(\d+))?\/(?:anonymized\.\w+|preview\.jpeg|binary-mask\.png|instance-mask\.png)$/.exec(key)
  return match ? Number(match[1] ?? 0) : undefined
}

/** Keys of the results that a finished task shows. */
export function currentKeys(task: Owned & Pick<Task, 'attempt' | 'outputFormat' | 'renderedRevision'>) {
  return resultKeys(task, task.attempt, task.outputFormat ?? 'jpeg', task.renderedRevision)
}

/** Keys of the results of an attempt; those of the last attempt of a task count. */
export function resultKeys(task: Owned, attempt: number, format: 'jpeg' | 'png', revision = 0) {
  const prefix = revisionPrefix(task, attempt, revision)
  return {
    anonymized: `${prefix}anonymized.${format}`,
    preview: `${prefix}preview.jpeg`,
    binaryMask: `${prefix}binary-mask.png`,
    instanceMask: `${prefix}instance-mask.png`,
  }
}

/**
 * The customer and task a key belongs to; undefined when it is not the key of an upload. For
 * upload notifications of a store.
 */
export function taskOfUploadKey(key: string): Owned | undefined {
  const match = /^([0-9a-f-]{36})\/([0-9]{1,16})\/original$/.exec(key)
  return match ? { customerId: match[1], id: Number(match[2]) } : undefined
}
