/**
 * The checks of `obscura doctor`: each returns what it found, or throws what is wrong and what to
 * do.
 */
import { randomBytes, randomUUID, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { CLASSES, choosePrecision, createEngine, DEFAULT_PARAMETERS, findSandbox, type ObjectClass } from '@obscura/engine'
import { detectableClasses, type ModelFolders, modelsInUse, readInstalled, select } from '@obscura/engine/installed'
import { usableCpus, usableMemory } from '@obscura/engine/machine'
import {
  type Config,
  certificateAdvice,
  connectDatabase,
  FolderLockedError,
  freeDisk,
  listUsers,
  type ObjectStore,
  openStore,
  pendingMigrations,
  prepareDataFolder,
  unknownSettings,
} from '@obscura/shared'
import { modelFolders } from '../models-folder.js'
import { TEST_IMAGE } from './test-image.js'

/** A problem that is not an error. */
export interface Warning {
  warning: string
}

/** @returns what was found; undefined when there is nothing to check */
export type Check = (config: Config) => Promise<string | Warning | undefined>

/** With less free space the uploads of a day may fill the disk. */
const MIN_FREE_BYTES = 2e9
/**
 * More certificates than this are counted instead of listed: a file of all public authorities has
 * 140.
 */
const MAX_SUBJECTS = 5
/** The oldest tested version of PostgreSQL. */
const MIN_POSTGRES_VERSION = 14

export const CHECKS: Readonly<Record<string, Check>> = {
  settings: checkSettings,
  machine: async () => `Node.js ${process.versions.node}, ${cores()}, ${memory()}`,
  sandbox: checkSandbox,
  'certificates of your own': checkCertificates,
  models: checkModels,
  engine: checkEngine,
  'data folder': checkDataFolder,
  database: checkDatabase,
  store: checkStore,
  'public S3 address': checkPublicEndpoint,
  redis: checkRedisIfUsed,
}

async function checkSettings(): Promise<Warning | undefined> {
  const unknown = unknownSettings()
  return unknown.length > 0 ? { warning: unknown.join(' ') } : undefined
}

function cores(): string {
  const [all, usable] = [availableParallelism(), usableCpus()]
  return usable < all ? `${usable} of ${all} cores (CPU quota of the container)` : `${all} cores`
}

function memory(): string {
  const [all, usable] = [totalmem(), usableMemory()]
  return usable < all
    ? `${gigabytes(usable)} of ${gigabytes(all)} of memory (limit of the container)`
    : `${gigabytes(all)} of memory`
}

// Node.js only warns and continues without them, so that every connection fails later.
async function checkCertificates(): Promise<string | undefined> {
  const file = process.env.NODE_EXTRA_CA_CERTS
  if (!file) return undefined
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new Error(`NODE_EXTRA_CA_CERTS cannot be read: ${error.message}. Set it to a file that this user can read.`)
  })
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new Error(`NODE_EXTRA_CA_CERTS: ${file} contains no PEM certificate.`)
  const subjects = blocks.map(block => new X509Certificate(block).subject.replaceAll('\n', ', '))
  return `${file} adds ${subjects.length > MAX_SUBJECTS ? `${subjects.length} certificates` : subjects.join('; ')}`
}

async function checkRedisIfUsed({ REDIS_URL }: Config): Promise<string | undefined> {
  if (!REDIS_URL) return undefined
  const { checkRedis } = await import('@obscura/shared/redis')
  await checkRedis(REDIS_URL)
  return 'answers'
}

async function checkSandbox({ ENGINE_SANDBOX, ENGINE_DEVICE }: Config): Promise<string | Warning> {
  const { isComplete, sentence } = await findSandbox(ENGINE_SANDBOX, ENGINE_DEVICE)
  if (isComplete || ENGINE_SANDBOX === 'off') return sentence
  return {
    warning: `${sentence}. For a sandbox that also confines native code, install bubblewrap and allow user namespaces: docs/decisions/sandbox.md`,
  }
}

async function checkModels({
  OBSCURA_MODELS,
  ENGINE_PROFILE,
  ENGINE_PRECISION,
  ENGINE_DEVICE,
}: Config): Promise<string | Warning> {
  const folders = modelFolders(OBSCURA_MODELS)
  const { models, fingerprint } = await modelsInUse(folders, ENGINE_PROFILE, choosePrecision(ENGINE_PRECISION, ENGINE_DEVICE))
  const own = folders.ownModels ? `; your own in ${folders.ownModels}` : ''
  const found = `profile ${ENGINE_PROFILE} with ${models.map(({ name }) => name).join(', ')} (${fingerprint})${own}`
  const detectable = await classesOf(folders, ENGINE_PROFILE)
  const missing = CLASSES.filter(name => !detectable.has(name))
  return missing.length === 0
    ? found
    : { warning: `${found}. No model detects ${missing.join(', ')}: tasks that ask for this fail` }
}

async function classesOf(folders: ModelFolders, profile: string): Promise<ReadonlySet<ObjectClass>> {
  return detectableClasses(select(await readInstalled(folders), profile))
}

async function checkEngine(config: Config): Promise<string> {
  const { ENGINE_DEVICE, ENGINE_PRECISION, ENGINE_PROFILE, ENGINE_SANDBOX, OBSCURA_MODELS } = config
  const folders = modelFolders(OBSCURA_MODELS)
  const engine = createEngine({
    ...{ ...folders, children: 1 },
    ...{ device: ENGINE_DEVICE, precision: ENGINE_PRECISION, profile: ENGINE_PROFILE, sandbox: ENGINE_SANDBOX },
  })
  try {
    const started = performance.now()
    const all = Object.fromEntries([...(await classesOf(folders, ENGINE_PROFILE))].map(name => [name, true]))
    const { device } = await engine.anonymize(TEST_IMAGE, { ...DEFAULT_PARAMETERS, ...all }).catch((error: Error) => {
      throw new Error(`A test image failed: ${error.message} In a clone, ./obscura prepare rebuilds the models.`)
    })
    if (device !== ENGINE_DEVICE)
      throw new Error(`The engine falls back to the CPU because ${ENGINE_DEVICE} cannot be used; see the warning above.`)
    const precision = choosePrecision(ENGINE_PRECISION, device)
    return `the models load on the ${device} and compute in ${precision}; with a test image that took ${((performance.now() - started) / 1000).toFixed(1)} s`
  } finally {
    await engine.close()
  }
}

async function checkDataFolder({ OBSCURA_DATA: folder, DATABASE_URL, S3_ENDPOINT }: Config): Promise<string> {
  await prepareDataFolder(folder)
  const free = await freeDisk(folder)
  if (free < MIN_FREE_BYTES && !(DATABASE_URL && S3_ENDPOINT))
    throw new Error(`Only ${gigabytes(free)} are free in ${folder}. Free some space or lower RETENTION_DAYS.`)
  return `${folder} is writable, ${gigabytes(free)} free`
}

async function checkDatabase(config: Config): Promise<string> {
  const db = await connectDatabase(config).catch((error: Error) => {
    if (error instanceof FolderLockedError) return undefined
    throw new Error(
      `The database cannot be used: ${error.message}${config.DATABASE_URL && !certificateAdvice(error) ? ' Check DATABASE_URL and whether the server is running.' : ''}`,
    )
  })
  if (!db) return 'the embedded database is in use by a running service'
  try {
    const [{ version }] = await db.query<{ version: string }>("select current_setting('server_version') as version")
    if (Number.parseInt(version, 10) < MIN_POSTGRES_VERSION)
      throw new Error(`PostgreSQL ${version} is too old: version ${MIN_POSTGRES_VERSION} or later is required.`)
    const pending = await pendingMigrations(db)
    if (pending.length > 0 && config.DATABASE_URL)
      throw new Error(`The database schema is not up to date (${pending.join(', ')}): run obscura setup.`)
    const users = pending.length > 0 ? 'no schema yet' : `${(await listUsers(db)).length} users`
    return `${config.DATABASE_URL ? 'PostgreSQL' : 'embedded, PostgreSQL'} ${version}, ${users}`
  } finally {
    await db.close()
  }
}

async function checkStore(config: Config): Promise<string> {
  return withStore(config, async store => {
    await store.check()
    const [prefix, content] = [`doctor/${randomUUID()}/`, randomBytes(1000)]
    try {
      await store.put(`${prefix}probe`, content, 'application/octet-stream')
      if (!content.equals(await store.get(`${prefix}probe`)))
        throw new Error('The test file read back differs from the one written.')
    } finally {
      await store.deletePrefix(prefix)
    }
    return config.S3_ENDPOINT
      ? `files in the bucket ${config.S3_BUCKET} can be written, read and deleted`
      : 'files can be written, read and deleted'
  })
}

/**
 * Signed URLs contain the public address: it must reach this server, with the host name passed on
 * unchanged.
 */
async function checkPublicEndpoint(config: Config): Promise<string | undefined> {
  const { S3_ENDPOINT, S3_PUBLIC_ENDPOINT: address } = config
  if (!S3_ENDPOINT || !address || address === S3_ENDPOINT) return undefined
  return withStore(config, async store => {
    const url = await store.presignGet(`doctor/${randomUUID()}`, 60)
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch((error: Error) => {
      const reason = (error.cause as Error | undefined)?.message ?? error.message
      const advice = certificateAdvice(error)
      if (advice) throw new Error(`${address}: ${reason}. ${advice}`)
      return `${address} cannot be reached from here (${reason}); check that clients can reach it`
    })
    if (typeof response === 'string') return response
    const body = await response.text()
    if (response.status === 404 && body.includes('NoSuchKey')) return `${address} accepts signed URLs`
    const code = /<Code>(\w+)/.exec(body)?.[1] ?? 'not an S3 response'
    throw new Error(
      `${address} responds to a signed URL with ${response.status} (${code}). S3_PUBLIC_ENDPOINT must point to the S3 server, and any proxy in between must keep the Host header and the path.`,
    )
  })
}

async function withStore<T>(config: Config, use: (store: ObjectStore) => Promise<T>): Promise<T> {
  const { store } = await openStore(config, () => config.PUBLIC_URL ?? '')
  return use(store).finally(() => store.close())
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
