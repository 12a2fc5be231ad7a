import { type BackingServices, type Config, type Logger, PROFILE_NAMES, type WorkerModels } from '@obscura/shared'
import type { ReadLimits } from './request-body.js'

/** The operator's settings of the API. */
export interface ApiSettings {
  /** Address at which clients reach the API, without a trailing slash; evaluated for each URL. */
  publicUrl: () => string
  /**
   * Issuer of access tokens, the same for all API processes; not taken from a request, whose sender
   * could choose it.
   */
  issuer: string
  /** Minimum length of new passwords in characters. */
  minPasswordLength: number
  /** Contact shown in error messages. */
  supportContact: string
  /** Maximum size of an upload in bytes. */
  uploadMaxBytes: number
  uploads: UploadSettings
  /** Origin of the S3 server for browsers; undefined with the embedded store. */
  storeOrigin?: string
  /** Maximum number of open connections. */
  maxConnections: number
  /** Who created a task or corrected it last may not approve it. */
  fourEyes: boolean
  /** Days after which files of tasks, and rows of deleted tasks, are deleted; 0: never. */
  retentionDays: number
  taskRowsDays: number
  /** Accept webhooks over plain http. */
  plainHttpWebhooks: boolean
  /** The profiles that tasks can choose. */
  profiles: readonly string[]
  /** Take the client's address from X-Forwarded-For: only behind a proxy that sets it. */
  trustProxy: boolean
  /** Enables upload notifications from the S3 server; without it the route does not exist. */
  s3Events?: S3EventSettings
}

/** How the embedded store receives uploads. */
export interface UploadSettings {
  pace: ReadLimits
  /** Concurrent uploads of one customer. */
  perCustomer: number
  /** Uploads of one customer that may wait. */
  waitingPerCustomer: number
}

/** How the S3 server reports uploads. */
export interface S3EventSettings {
  /** The token that the server must send. */
  token: string
  /** Events of other buckets are ignored. */
  bucket: string
}

/** An installed model, for administrators. */
export interface ModelInfo {
  name: string
  title: string
  /** SPDX. */
  licence: string
  origin: string
  training: string
  /** Classes, or `outlines`. */
  finds: readonly string[]
  /** That use it. */
  profiles: readonly string[]
  /** As published; null where nothing is. */
  accuracy: string | null
}

/** All dependencies of the API. */
export interface ApiDependencies extends Omit<BackingServices, 'close'> {
  log: Logger
  settings: ApiSettings
  /** Folder with the files of the web page; without it there is no page. */
  webRoot?: string
  /** What this process detects with; absent: it has no worker. */
  models?: WorkerModels
  /** The models that are installed on this machine. */
  aboutModels?: () => Promise<readonly ModelInfo[]>
  /** Additional checks of /ready, by name: each throws when something is not ready. */
  readiness?: Readonly<Record<string, () => Promise<unknown>>>
}

/** Issuer of tokens when PUBLIC_URL is not set. */
const DEFAULT_ISSUER = 'obscura'
/** A single customer must not fill all connections with waiting uploads. */
const WAITING_FRACTION = 1 / 4

/** The speed of an upload is averaged over this time: long enough for a train to leave a tunnel. */
const RATE_WINDOW_MS = 60_000

/**
 * The settings of the API.
 * @param profiles those that tasks can choose
 */
export function apiSettings(config: Config, publicUrl: () => string, profiles: readonly string[] = PROFILE_NAMES): ApiSettings {
  const { S3_ENDPOINT, S3_PUBLIC_ENDPOINT, S3_EVENTS_TOKEN: token, S3_BUCKET: bucket } = config
  const store = S3_PUBLIC_ENDPOINT ?? S3_ENDPOINT
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
        windowMs: RATE_WINDOW_MS,
      },
      perCustomer: config.UPLOADS_PER_CUSTOMER,
      waitingPerCustomer: Math.floor(config.MAX_CONNECTIONS * WAITING_FRACTION),
    },
    storeOrigin: store && new URL(store).origin,
    maxConnections: config.MAX_CONNECTIONS,
    fourEyes: config.REVIEW_FOUR_EYES,
    retentionDays: config.RETENTION_DAYS,
    taskRowsDays: config.TASK_ROWS_DAYS,
    plainHttpWebhooks: config.WEBHOOK_ALLOW_PRIVATE,
    profiles,
    trustProxy: config.TRUST_PROXY,
    s3Events: S3_ENDPOINT && token ? { token, bucket } : undefined,
  }
}
