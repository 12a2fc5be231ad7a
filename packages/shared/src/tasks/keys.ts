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

/** Key of the file to hand out as the original: of a done task the one that was anonymized. */
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

/** Keys of the results of an attempt; those of the last attempt of a task count. */
export function resultKeys(task: Owned, attempt: number, format: 'jpeg' | 'png') {
  const prefix = attemptPrefix(task, attempt)
  return {
    anonymized: `${prefix}anonymized.${format}`,
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
