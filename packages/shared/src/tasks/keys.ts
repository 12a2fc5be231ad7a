import type { Task } from './task.js'

type Owned = Pick<Task, 'id' | 'customerId'>

/** Everything of one task lies under this prefix of the store: its deletion deletes the files. */
export function taskPrefix(task: Owned): string {
  return `${task.customerId}/${task.id}/`
}

/** Where the uploaded file lies. */
export function originalKey(task: Owned): string {
  return `${taskPrefix(task)}original`
}

/** Everything that one attempt at a task wrote. Attempts never share a key, so a stale worker cannot overwrite what a later one wrote. */
export function attemptPrefix(task: Owned, attempt: number): string {
  return `${taskPrefix(task)}${attempt}/`
}

/** Where an attempt puts its results; those of the task's last attempt count. */
export function resultKeys(task: Owned, attempt: number, format: 'jpeg' | 'png') {
  const prefix = attemptPrefix(task, attempt)
  return {
    anonymized: `${prefix}anonymized.${format}`,
    binaryMask: `${prefix}binary-mask.png`,
    instanceMask: `${prefix}instance-mask.png`,
  }
}

/** The customer and task a key belongs to; undefined when it is no key of a task's original. For notices of a store about an upload. */
export function taskOfOriginalKey(key: string): Owned | undefined {
  const match = /^([0-9a-f-]{36})\/([0-9]{1,16})\/original$/.exec(key)
  return match ? { customerId: match[1], id: Number(match[2]) } : undefined
}
