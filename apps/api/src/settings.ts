import type { Backing, Config, Logger } from '@obscura/shared'
import type { Pace } from './arrival.js'

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
  uploads: UploadSettings
  /** Most connections at once. */
  maxConnections: number
  /** Accept webhooks over plain http. */
  plainHttpWebhooks: boolean
  /** Take the client's address from X-Forwarded-For: only behind a proxy that sets it. */
  trustProxy: boolean
  /** Lets the S3 server tell of uploads; without it that route does not exist. */
  s3Events?: S3EventSettings
}

/** How the embedded store receives uploads. */
export interface UploadSettings {
  pace: Pace
  /** Uploads of one customer that are received at once. */
  perCustomer: number
  /** Uploads of one customer that may wait for that. */
  waitingPerCustomer: number
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

/** Tokens name this as their issuer where no PUBLIC_URL is set. */
const DEFAULT_ISSUER = 'obscura'
/** No customer may fill all connections with uploads that wait. */
const WAITING_SHARE = 1 / 4

/** Over this time an upload's speed is judged: long enough for a train to leave a tunnel. */
const PACE_WINDOW_MS = 60_000

/** The API's part of the settings. */
export function apiSettings(config: Config, publicUrl: () => string): ApiSettings {
  const { S3_ENDPOINT, S3_EVENTS_TOKEN: token, S3_BUCKET: bucket } = config
  return {
    publicUrl,
    issuer: config.PUBLIC_URL ?? DEFAULT_ISSUER,
    minPasswordLength: config.PASSWORD_MIN_LENGTH,
    supportContact: config.SUPPORT_CONTACT,
    uploadMaxBytes: config.UPLOAD_MAX_MB * 1e6,
    uploads: {
      pace: {
        idleMs: config.UPLOAD_IDLE_SECONDS * 1000,
        minBytesPerSecond: config.UPLOAD_MIN_BYTES_PER_SECOND,
        windowMs: PACE_WINDOW_MS,
      },
      perCustomer: config.UPLOADS_PER_CUSTOMER,
      waitingPerCustomer: Math.floor(config.MAX_CONNECTIONS * WAITING_SHARE),
    },
    maxConnections: config.MAX_CONNECTIONS,
    plainHttpWebhooks: config.WEBHOOK_ALLOW_PRIVATE,
    trustProxy: config.TRUST_PROXY,
    s3Events: S3_ENDPOINT && token ? { token, bucket } : undefined,
  }
}
