import type { Backing, Logger } from '@obscura/shared'

/** What the operator decides about the API. */
export interface ApiSettings {
  /** Address under which clients reach the API, without a slash at the end; asked anew for each link. */
  publicUrl: () => string
  /** Who issues access tokens, the same for all API processes: not from a request, whose sender could choose it. */
  issuer: string
  /** Least number of characters of a new password. */
  minPasswordLength: number
  /** Whom error messages name as contact. */
  supportContact: string
  /** Largest accepted upload in bytes. */
  uploadMaxBytes: number
  /** Accept webhooks over plain http. */
  plainHttpWebhooks: boolean
  /** Take the client's address from X-Forwarded-For: only behind a proxy that sets it. */
  trustProxy: boolean
  /** Lets the S3 server tell of uploads; without it that route does not exist. */
  s3Events?: S3EventSettings
}

/** How the S3 server tells of uploads. */
export interface S3EventSettings {
  /** What the server has to send along. */
  token: string
  /** Events of other buckets are ignored. */
  bucket: string
}

/** Everything the API works with; nothing is looked up elsewhere. */
export interface ApiDependencies extends Omit<Backing, 'close'> {
  log: Logger
  settings: ApiSettings
  /** Folder of the web page's files; without it there is no page. */
  webRoot?: string
  /** More that /ready asks, by name: each throws when something is not ready. */
  readiness?: Readonly<Record<string, () => Promise<unknown>>>
}
