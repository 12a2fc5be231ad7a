/** The routes of corrections and review. */
import type {
  AreaMethod,
  Box,
  DrawnRegion,
  MetadataDetection,
  Point,
  RegionChange,
  RegionClass,
  StoredRegion,
} from '@obscura/contract'
import { ApiError, call } from './session.js'

/** A region of an image, as the API returns it. */
export type Region = Omit<StoredRegion, 'view'>

/** The regions of an image's newest revision. */
export interface Regions {
  /** Undefined: the image cannot be corrected. */
  revision: number | undefined
  rendered_revision: number
  rendering: 'done' | 'pending' | 'failed'
  regions: Region[]
}

/** A region that is still to be saved. */
export interface NewRegion {
  class: RegionClass
  method?: AreaMethod
  box?: Box
  polygon?: readonly Point[]
  mask?: DrawnRegion['mask']
}

/** The body of POST /v2/task/{id}/corrections. */
export interface CorrectionBody {
  remove?: number[]
  add?: NewRegion[]
  change?: RegionChange[]
  revert?: number
}

/** A correction in the list of those of a task. */
export interface RevisionItem {
  revision: number
  username: string | null
  create_time: string
  removed: number[]
  added: number[]
  changed: unknown[]
  reverted?: number
}

/** The review of a task, with the results for its reviewer. */
export interface Review {
  review_status: ReviewStatus | null
  reviewer: string | null
  reason: string | null
  revision: number
  rendered_revision: number
  anonymized_url?: string
}

export const REVIEW_STATUSES = ['pending', 'approved', 'rejected'] as const
export type ReviewStatus = (typeof REVIEW_STATUSES)[number]

const ifMatch = (revision: number | undefined): Record<string, string> =>
  revision === undefined ? {} : { 'if-match': `"${revision}"` }

/** The newest regions; of an image that cannot be corrected, those of its metadata. */
export async function getRegions(id: number | string): Promise<Regions> {
  try {
    return await call<Regions>('GET', `v2/task/${id}/detections`)
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error
    const body = await call<{ detections: MetadataDetection[] } | undefined>('GET', `v2/task/${id}/metadata`)
    const regions = (body?.detections ?? []).map(
      ({ type_label, id: regionId, score, bbox }): Region => ({
        ...{ id: regionId, score, box: bbox as Box, source: 'detector', shape: 'rectangle' },
        class: type_label.replace('-', '_') as RegionClass,
      }),
    )
    return { revision: undefined, rendered_revision: 0, rendering: 'done', regions }
  }
}

/**
 * @param revision the newest one that the user has seen
 * @throws ApiError 409 when there is a newer one
 */
export const correct = (id: number | string, body: CorrectionBody, revision: number | undefined) =>
  call<Pick<Regions, 'rendering'> & { revision: number }>('POST', `v2/task/${id}/corrections`, body, ifMatch(revision))

/** Oldest first. */
export const listRevisions = async (id: number | string) =>
  (await call<{ items: RevisionItem[] }>('GET', `v2/task/${id}/corrections`)).items

/** @param ahead nobody looks at it yet; the audit log says so */
export const getReview = (id: number | string, ahead = false) =>
  call<Review>('GET', `v2/task/${id}/review${ahead ? '?ahead=true' : ''}`)
/** @param revision that was looked at; undefined: whatever is newest */
export const approve = (id: number | string, revision?: number) =>
  call<Review>('POST', `v2/task/${id}/approve`, undefined, ifMatch(revision))
export const reject = (id: number | string, reason: string, revision?: number) =>
  call<Review>('POST', `v2/task/${id}/reject`, { reason }, ifMatch(revision))
