/** The files that were dropped in: the list that the page shows. */
import { computed, signal } from '@preact/signals'
import type { Parameters } from './presets.js'

const STATES = ['waiting', 'uploading', 'processing', 'review', 'rejected', 'done', 'failed', 'stopped', 'missing'] as const
/**
 * missing: the browser has not kept the file, so it has to be chosen again. review: the result is
 * held back until somebody approves it.
 */
export type UploadState = (typeof STATES)[number]
/** Of files that need nothing more of this page. */
export const ENDED: readonly UploadState[] = ['review', 'rejected', 'done', 'failed']

/** The problem of an upload that did not reach the service; it is tried again. */
export const UNREACHED = 'offline'

/** A file in the list of uploads. */
export interface Upload {
  /** Sorts by the time at which it was added. */
  key: string
  /** Path below what was dropped. */
  path: string
  /** Bytes. */
  size: number
  /** Time of the last change, in milliseconds since 1970 UTC. */
  modified: number
  file?: Blob
  /** The file is stored in the browser, and survives a reload. */
  isKept: boolean
  parameters: Parameters
  state: UploadState
  /** 0..1, of the upload. */
  progress: number
  taskId?: number
  /** Where the file of the task is sent, and until when (milliseconds since 1970 UTC). */
  uploadUrl?: string
  uploadUntil?: number
  /** A failure cause, or a sentence. */
  problem?: string
}

/** Whether the file may be sent once more. */
export function needsFile({ state, problem }: Pick<Upload, 'state' | 'problem'>): boolean {
  return ['waiting', 'uploading', 'stopped', 'failed'].includes(state) && problem !== 'CONTENT_TYPE_ERROR'
}

export const uploads = signal<readonly Upload[]>([])
export const isPaused = signal(false)
export const counts = computed(() => {
  const all = Object.fromEntries(STATES.map(state => [state, 0])) as Record<UploadState, number>
  for (const { state } of uploads.value) all[state]++
  return all
})
/** Files that a closed page would not send: not at the service yet, and not kept. */
export const unkept = computed(
  () => uploads.value.filter(({ state, isKept }) => !isKept && ['waiting', 'uploading', 'stopped'].includes(state)).length,
)
export const isWorking = computed(() => counts.value.waiting + counts.value.uploading > 0)

let added = 0

/** A new upload of a file. */
export function newUpload(file: File, path: string, parameters: Parameters): Upload {
  const isImage = /\.(jpe?g|png)$/i.test(file.name) || /^image\/(jpeg|png)$/.test(file.type)
  const { size, lastModified: modified } = file
  const state = isImage ? 'waiting' : 'failed'
  const problem = isImage ? undefined : 'CONTENT_TYPE_ERROR'
  return { key: newKey(), path, size, modified, file, isKept: false, parameters, state, progress: 0, problem }
}

function newKey(): string {
  const random = crypto.getRandomValues(new Uint32Array(1))[0].toString(36)
  return `${String(Date.now()).padStart(15, '0')}-${String(added++).padStart(7, '0')}-${random}`
}

/** The upload with a key. */
export function find(key: string): Upload | undefined {
  return uploads.value.find(item => item.key === key)
}

/** Changes some uploads in the list that the page shows. */
export function show(keys: ReadonlySet<string>, values: Partial<Upload>): void {
  uploads.value = uploads.value.map(item => (keys.has(item.key) ? { ...item, ...values } : item))
}
