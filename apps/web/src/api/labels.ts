/** Checked regions as labels, to measure and calibrate with. */
import { call } from './session.js'

/** The response of POST /v2/export. */
export interface Labels {
  labels: unknown
  images: { task_id: number; file_name: string }[]
  skipped: { task_id: number; reason: string }[]
}

/** Tasks of one request. */
export const MAX_EXPORTED = 500

/** The labels of at most {@link MAX_EXPORTED} tasks. */
export const exportLabels = (format: 'bench' | 'coco', ids: readonly number[]) =>
  call<Labels>('POST', 'v2/export', { format, task_ids: ids })
