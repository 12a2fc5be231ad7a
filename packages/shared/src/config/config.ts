/** The settings of the service: one table of environment variables, from which values, error messages and the documentation come. */
import { readFileSync } from 'node:fs'
import { choice, flag, integer, optional, optionalInteger, secret, text, url, type Variable } from './variable.js'

export const VARIABLES = {
  PORT: integer(8080, 0, 65_535, 'Port the API listens on; 0 takes any free one.'),
  HOST: text('127.0.0.1', 'Address the API listens on; 0.0.0.0 for all.'),
  PUBLIC_URL: url(
    ['http', 'https'],
    'Address under which clients reach the API, for the links it gives out. Unset: the address each request was sent to.',
  ),
  TRUST_PROXY: flag(false, "Take clients' addresses from X-Forwarded-For: only behind a proxy that sets it."),
  OBSCURA_DATA: text('./data', 'Folder of the embedded database and file store.'),
  OBSCURA_USERNAME: text('admin', 'Name of the first user, made when there is none.'),
  OBSCURA_PASSWORD: secret("The first user's password, neither short nor common. Unset: a random one is printed once."),
  PASSWORD_MIN_LENGTH: integer(
    8,
    8,
    64,
    'Least number of characters of a new password. Users keep the one they have, however short, until it is changed.',
  ),
  SUPPORT_CONTACT: text('the operator of this service', 'Whom error messages name as contact.'),
  LOG_LEVEL: choice('info', ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'], 'How much is logged.'),

  METRICS_PORT: integer(
    0,
    0,
    65_535,
    'Port that serves /metrics to Prometheus, /health and /ready; 0: none. Keep it from the outside.',
  ),
  METRICS_HOST: text('127.0.0.1', 'Address of that port.'),

  OTEL_EXPORTER_OTLP_ENDPOINT: url(
    ['http', 'https'],
    'OpenTelemetry collector that gets traces of requests and tasks (OTLP over HTTP). Unset: none.',
  ),

  MAX_CONNECTIONS: integer(10_000, 10, 1_000_000, 'Connections that one API process holds at most; more are closed at once.'),

  UPLOAD_MAX_MB: integer(200, 1, 5000, 'Largest accepted upload in megabytes.'),
  UPLOAD_IDLE_SECONDS: integer(60, 1, 3600, 'An upload of which nothing arrives for so long is ended.'),
  UPLOAD_MIN_BYTES_PER_SECOND: integer(
    1000,
    0,
    1_000_000_000,
    'An upload that brings less than this on average over a minute is ended. 0: no limit.',
  ),
  UPLOADS_PER_CUSTOMER: integer(
    100,
    1,
    100_000,
    "Uploads of one customer that one API process receives at once; the customer's others wait for their turn.",
  ),
  RETENTION_DAYS: integer(
    90,
    0,
    36_500,
    "Days after which a task's original, results and detections are deleted; 0 keeps them until asked.",
  ),

  TASK_ROWS_DAYS: integer(
    365,
    0,
    36_500,
    'Days after which the row of a deleted task goes too: the task is unknown then, and only counted in /v2/usage; 0 keeps rows.',
  ),

  WEBHOOK_ALLOW_PRIVATE: flag(false, 'Allow webhooks over plain http and to private or loopback addresses.'),
  WEBHOOK_ON_FAILED: flag(false, 'Send webhooks for failed tasks as well.'),
  WEBHOOK_SECRET: secret('Signs webhooks: header obscura-signature with time and HMAC-SHA256. Unset: no header.'),

  ENGINE_PROFILE: choice('standard', ['standard', 'fast'], 'standard finds most; fast takes fewer passes over each image.'),
  ENGINE_DEVICE: choice(
    'cpu',
    ['cpu', 'cuda', 'webgpu'],
    'What the networks run on: the processor, an NVIDIA card, or any graphics card with a Vulkan, Metal or Direct3D 12 driver.',
  ),
  ENGINE_CHILDREN: optionalInteger(
    1,
    256,
    'Images processed at once, each in a process of its own. Unset: one a core, within the quota of the container.',
  ),
  ENGINE_THREADS: optionalInteger(
    1,
    256,
    'Threads of an image that is alone; among others it has half of them. Unset: as many as there are cores, within the quota of the container, four at most.',
  ),
  ENGINE_MAX_MEGAPIXELS: integer(135, 1, 2000, 'Larger images fail with IMAGE_DEFECT.'),
  ENGINE_MAX_MEMORY_MB: integer(4096, 256, 1_000_000, 'An engine process that holds more is ended, and its image fails.'),
  ENGINE_MAX_SECONDS: integer(600, 1, 86_400, 'An image that takes longer fails.'),
  ENGINE_SANDBOX: choice(
    'auto',
    ['auto', 'off', 'required'],
    'Sandbox of the processes that decode images: bubblewrap, else the permission model of Node.js; required: bubblewrap or no start.',
  ),
  ENGINE_REVERSIBLE: flag(false, 'Plain blur and pixelate, without what makes them irreversible: not for publishing.'),
  ENGINE_LOSSLESS: flag(
    false,
    'Of JPEGs change only the blocks that are anonymized, at the quality the file has: `quality` does not count then.',
  ),
  ENGINE_STRICT: flag(false, 'Refuse damaged images (IMAGE_DEFECT) instead of processing them with a warning.'),
  MASK_LAYOUT: choice('v26.02.1', ['v26.02.1', 'pre-v26.02.1', 'oldest'], 'Colours of instance masks.'),

  TASK_MAX_FAILURES: integer(
    5,
    1,
    100,
    'Attempts that may crash before a task fails with INTERNAL_ERROR; two that overrun a limit, or three that end their process.',
  ),
  TASK_LEASE_SECONDS: integer(20, 5, 3600, 'A worker that is silent for so long loses its task to another.'),
  DRAIN_SECONDS: integer(30, 0, 3600, 'How long a stopping worker may finish the images it has; then it hands them back.'),

  MIN_FREE_DISK_MB: integer(
    1000,
    0,
    1_000_000_000,
    'Megabytes that stay free on the disk of OBSCURA_DATA: with less, uploads are refused; with half of it, no image is begun. 0: no limit.',
  ),
  MIN_FREE_MEMORY_MB: integer(
    500,
    0,
    1_000_000_000,
    "Megabytes of memory that must be free, of the machine's and the container's, before a worker begins an image. 0: no limit.",
  ),

  DATABASE_URL: {
    ...url(['postgres', 'postgresql'], 'PostgreSQL (14 or later) to use instead of the embedded database.'),
    secret: true,
  },
  DATABASE_POOL: integer(10, 1, 1000, 'Most connections of one process to PostgreSQL.'),

  REDIS_URL: {
    ...url(
      ['redis', 'rediss'],
      'Redis through which the API tells workers in other processes of tasks; rediss for TLS. Unset: they look twice a second.',
    ),
    secret: true,
  },

  S3_ENDPOINT: url(['http', 'https'], 'S3 server to keep files on instead of in OBSCURA_DATA, as this process reaches it.'),
  S3_PUBLIC_ENDPOINT: url(
    ['http', 'https'],
    'The same server as clients reach it: upload and download URLs start with it. Unset: S3_ENDPOINT.',
  ),
  S3_REGION: text('us-east-1', 'Region of the bucket.'),
  S3_BUCKET: text('obscura', 'Bucket; `obscura setup` creates it.'),
  S3_ACCESS_KEY_ID: secret('Name of the key for S3. Unset: from the machine, as the AWS SDK looks for it.'),
  S3_SECRET_ACCESS_KEY: secret('The key itself.'),
  S3_FORCE_PATH_STYLE: flag(true, 'The bucket stands in the path of URLs; 0: in the host name, as AWS prefers it.'),
  S3_EVENTS_TOKEN: secret(
    'Lets the S3 server tell the API of uploads at /events/s3, with this word; `obscura setup` says how. Unset: no such route.',
  ),
  S3_EVENTS_TARGET: optional(
    "The S3 server's name (ARN) for that route, to which `obscura setup` connects the bucket, or `eventbridge`. Unset: left as it is.",
  ),
  S3_ENCRYPTION: choice(
    'none',
    ['none', 'AES256', 'aws:kms'],
    'Encryption by the S3 server of all it stores; `obscura setup` sets it.',
  ),
  S3_KMS_KEY_ID: optional('Key for S3_ENCRYPTION=aws:kms. Unset: the one the server has for that.'),
} satisfies Record<string, Variable<unknown>>

/** The settings by the name of their environment variable. */
export type Config = {
  readonly [Name in keyof typeof VARIABLES]: (typeof VARIABLES)[Name] extends Variable<infer T> ? T : never
}

/** Settings are wrong; the message lists each with its value and what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Environment = Record<string, string | undefined>

/**
 * Reads the settings; an empty variable counts as unset. Secrets may stand in files: of `DATABASE_URL_FILE` the content counts, without the
 * white space around it. @throws ConfigError
 */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = []
  const entries = Object.entries<Variable<unknown>>(VARIABLES).map(([name, variable]) => {
    try {
      return [name, readVariable(name, variable, environment)]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(error.message)
      return [name, undefined]
    }
  })
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return Object.fromEntries(entries) as Config
}

function readVariable<T>(name: string, variable: Variable<T>, environment: Environment): T {
  const given = environment[name]?.trim()
  const file = variable.secret ? environment[`${name}_FILE`]?.trim() : undefined
  if (given && file) throw new ConfigError(`${name} and ${name}_FILE are both set: unset one of them.`)
  const text = file ? readSecret(`${name}_FILE`, file) : given
  if (!text) return variable.default
  const value = variable.read(text)
  if (value === undefined)
    throw new ConfigError(`${name} must be ${variable.expects}, not ${variable.secret ? 'what it is' : `"${text}"`}.`)
  return value
}

function readSecret(name: string, file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new ConfigError(`${name} names the file "${file}", which cannot be read: ${(error as Error).message}.`)
  }
  if (text === '')
    throw new ConfigError(`${name} names the file "${file}", which is empty: write the secret into it, or unset ${name}.`)
  return text
}

/** The table of all settings in Markdown, for the documentation. */
export function configTable(): string {
  const rows = Object.entries<Variable<unknown>>(VARIABLES).map(
    ([name, { default: value, description, expects, secret }]) =>
      `| ${name} | ${shown(value)} | ${description} | ${expects}${secret ? `; or its file: ${name}_FILE` : ''} |`,
  )
  return ['| variable | default | meaning | value |', '|---|---|---|---|', ...rows].join('\n')
}

function shown(value: unknown): string {
  if (value === undefined) return 'unset'
  return typeof value === 'boolean' ? String(Number(value)) : String(value)
}
