/**
 * The settings of the service: one table of environment variables, the source of values, error
 * messages and documentation.
 */
import { choice, flag, integer, name, optional, optionalInteger, secret, text, url, type Variable } from './variable.js'

export const VARIABLES = {
  PORT: integer(8080, 0, 65_535, 'Port the API listens on; 0: any free port.'),
  HOST: text('127.0.0.1', 'Address the API listens on; 0.0.0.0: all addresses.'),
  PUBLIC_URL: url(
    ['http', 'https'],
    'Public address of the API, used in the URLs it returns. Unset: the address each request was sent to.',
  ),
  TRUST_PROXY: flag(false, 'Read client addresses from X-Forwarded-For. Enable only behind a proxy that sets this header.'),
  OBSCURA_DATA: text('./data', 'Folder of the embedded database and file store.'),
  OBSCURA_USERNAME: text('admin', 'Name of the first user, created when there are no users.'),
  OBSCURA_PASSWORD: secret(
    'Password of the first user; short and common passwords are refused. Unset: a random one is printed once.',
  ),
  PASSWORD_MIN_LENGTH: integer(8, 8, 64, 'Minimum length of new passwords in characters. Existing passwords stay valid.'),
  SUPPORT_CONTACT: text('the operator of this service', 'Contact shown in error messages.'),
  LOG_LEVEL: choice('info', ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'], 'Lowest level that is logged.'),

  METRICS_PORT: integer(
    0,
    0,
    65_535,
    'Port for Prometheus metrics (/metrics), /health and /ready; 0: none. Do not expose it to the internet.',
  ),
  METRICS_HOST: text('127.0.0.1', 'Address the metrics port listens on.'),

  OTEL_EXPORTER_OTLP_ENDPOINT: url(
    ['http', 'https'],
    'OpenTelemetry collector for traces of requests and tasks (OTLP over HTTP). Unset: no tracing.',
  ),

  MAX_CONNECTIONS: integer(
    10_000,
    10,
    1_000_000,
    'Maximum open connections of one API process; further ones are closed immediately. Half of them from one address or IPv6 /64, unless TRUST_PROXY=1.',
  ),

  UPLOAD_MAX_MB: integer(200, 1, 5000, 'Maximum size of an upload in megabytes.'),
  UPLOAD_IDLE_SECONDS: integer(60, 1, 3600, 'Seconds without data after which an upload is aborted.'),
  UPLOAD_MIN_BYTES_PER_SECOND: integer(
    1000,
    0,
    1_000_000_000,
    'Minimum upload speed, averaged over a minute; slower uploads are aborted. 0: no limit.',
  ),
  UPLOADS_PER_CUSTOMER: integer(100, 1, 100_000, 'Concurrent uploads of one customer in one API process; further ones wait.'),
  RETENTION_DAYS: integer(
    90,
    0,
    36_500,
    'Days after which the original, results and detections of a task are deleted; 0: keep them until they are deleted through the API.',
  ),

  TASK_ROWS_DAYS: integer(
    365,
    0,
    36_500,
    'Days after which the database row of a deleted task is removed; it is then unknown to the API and only counted in /v2/usage. 0: keep rows.',
  ),

  AUDIT_LOG_DAYS: integer(
    365,
    0,
    36_500,
    'Days after which entries of the audit log (who looked at which original) are removed. 0: keep them.',
  ),

  WEBHOOK_ALLOW_PRIVATE: flag(false, 'Allow webhooks over plain http and to private or loopback addresses.'),
  WEBHOOK_ON_FAILED: flag(false, 'Send webhooks for failed tasks as well.'),
  WEBHOOK_SECRET: secret(
    'Key that signs webhooks: the header obscura-signature holds the time and an HMAC-SHA256. Unset: no header.',
  ),

  REVIEW_FOUR_EYES: flag(
    false,
    'Tasks with `review` must be approved by a user who neither created them nor corrected them last.',
  ),

  OBSCURA_MODELS: optional(
    'Folder of your own models: manifests and profiles that add to the built-in ones or replace those of the same name (docs/models.md). Unset: own-models in the folder of the installation.',
  ),
  ENGINE_PROFILE: name(
    'standard',
    'Profile of tasks that choose none. fast runs fewer passes over each image and finds fewer objects, thorough finds the most and takes several times as long; or one of OBSCURA_MODELS.',
  ),
  ENGINE_DEVICE: choice(
    'cpu',
    ['cpu', 'cuda', 'webgpu'],
    'Device that runs the networks: cpu, cuda (NVIDIA GPUs) or webgpu (any GPU with a Vulkan, Metal or Direct3D 12 driver).',
  ),
  ENGINE_PRECISION: choice(
    'auto',
    ['auto', 'float', 'int8'],
    'How networks compute on the CPU: int8, in 8-bit integers, is about twice as fast where the processor multiplies bytes (AVX-512 VNNI, AVX-VNNI, ARM dot product) and wrong in a few more detections on other x86 processors. auto: int8 on such processors, otherwise float.',
  ),
  ENGINE_PROCESSES: optionalInteger(
    1,
    256,
    'Images processed at the same time, each in its own engine process. Unset: one per core, within the CPU quota of the container.',
  ),
  ENGINE_THREADS: optionalInteger(
    1,
    256,
    'Threads for an image that is processed alone; with other images in progress it gets half. Unset: one per core, at most four, within the CPU quota of the container.',
  ),
  ENGINE_MAX_MEGAPIXELS: integer(135, 1, 2000, 'Maximum size of an image in megapixels; larger ones fail with IMAGE_DEFECT.'),
  ENGINE_MAX_MEMORY_MB: integer(
    4096,
    256,
    1_000_000,
    'Maximum memory of an engine process in megabytes; beyond it the process is killed and its image fails.',
  ),
  ENGINE_MAX_SECONDS: integer(600, 1, 86_400, 'Maximum processing time of an image in seconds; beyond it the image fails.'),
  ENGINE_SANDBOX: choice(
    'auto',
    ['auto', 'off', 'required'],
    'Sandbox for engine processes. auto: bubblewrap if it works, otherwise the permission model of Node.js; required: do not start without bubblewrap.',
  ),
  ENGINE_REVERSIBLE: flag(
    false,
    'Plain blur and pixelation without the steps that make them irreversible. Do not publish such images.',
  ),
  ENGINE_LOSSLESS: flag(
    false,
    'Re-encode only the blocks of a JPEG that are anonymized, at the quality of the file; ignores the parameter `quality`.',
  ),
  ENGINE_STRICT: flag(false, 'Refuse damaged images (IMAGE_DEFECT) instead of processing them with a warning.'),
  ENGINE_HEADS: flag(
    true,
    'When faces are requested, search persons as well: more faces are found, and heads of persons without a visible face are anonymized too. 0: only faces, in less than half the time.',
  ),
  MASK_LAYOUT: choice('v26.02.1', ['v26.02.1', 'pre-v26.02.1', 'oldest'], 'Colour layout of instance masks.'),

  TASK_MAX_FAILURES: integer(
    5,
    1,
    100,
    'Failed attempts after which a task fails with INTERNAL_ERROR. Lower limits apply to attempts that exceed a time or memory limit (two) or crash the engine process (three).',
  ),
  TASK_LEASE_SECONDS: integer(20, 5, 3600, 'Seconds without a heartbeat from its worker before a task is reassigned.'),
  DRAIN_SECONDS: integer(
    30,
    0,
    3600,
    'Seconds a stopping worker has to finish its images before it returns their tasks to the queue.',
  ),

  MIN_FREE_DISK_MB: integer(
    1000,
    0,
    1_000_000_000,
    'Free megabytes to keep on the disk of OBSCURA_DATA. Below that, uploads are refused; below half of it, no new image is processed. 0: no limit.',
  ),
  MIN_FREE_MEMORY_MB: integer(
    500,
    0,
    1_000_000_000,
    'Free megabytes of memory, on the machine and in the container, that a worker needs to start an image. 0: no limit.',
  ),

  DATABASE_URL: {
    ...url(['postgres', 'postgresql'], 'PostgreSQL (14 or later) to use instead of the embedded database.'),
    secret: true,
  },
  DATABASE_POOL: integer(10, 1, 1000, 'Maximum connections of one process to PostgreSQL.'),

  REDIS_URL: {
    ...url(
      ['redis', 'rediss'],
      'Redis server through which the API notifies workers in other processes of new tasks; rediss for TLS. Unset: workers poll twice a second.',
    ),
    secret: true,
  },

  S3_ENDPOINT: url(['http', 'https'], 'S3 server that stores files, instead of OBSCURA_DATA: its address for this process.'),
  S3_PUBLIC_ENDPOINT: url(
    ['http', 'https'],
    'Address of the S3 server for clients, used in upload and download URLs. Unset: S3_ENDPOINT.',
  ),
  S3_REGION: text('us-east-1', 'Region of the bucket.'),
  S3_BUCKET: text('obscura', 'Name of the bucket; `obscura setup` creates it.'),
  S3_ACCESS_KEY_ID: secret(
    'Access key ID for S3. Unset: the default credentials of the AWS SDK, such as the role of the machine.',
  ),
  S3_SECRET_ACCESS_KEY: secret('Secret access key for S3.'),
  S3_FORCE_PATH_STYLE: flag(true, 'Put the bucket name in the path of URLs; 0: in the host name, as AWS recommends.'),
  S3_EVENTS_TOKEN: secret(
    'Token with which the S3 server reports uploads to the API at /events/s3; `obscura setup` explains how. Unset: no such route.',
  ),
  S3_EVENTS_TARGET: optional(
    'ARN of the notification target to which `obscura setup` connects the bucket, or `eventbridge`. Unset: notifications are left unchanged.',
  ),
  S3_ENCRYPTION: choice(
    'none',
    ['none', 'AES256', 'aws:kms'],
    'Server-side encryption of the bucket; `obscura setup` configures it.',
  ),
  S3_KMS_KEY_ID: optional('KMS key for S3_ENCRYPTION=aws:kms. Unset: the default key of the server.'),
} satisfies Record<string, Variable<unknown>>

/** The settings by name of their environment variable. */
export type Config = {
  readonly [Name in keyof typeof VARIABLES]: (typeof VARIABLES)[Name] extends Variable<infer T> ? T : never
}
