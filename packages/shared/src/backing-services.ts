/**
 * The services selected by the settings: embedded by default; only the selected ones are loaded.
 */
import { join } from 'node:path'
import { freeDisk } from './capacity/disk.js'
import { createReserve, type Reserve } from './capacity/reserve.js'
import type { Config } from './config/variables.js'
import { DataFolderError, prepareDataFolder } from './data-folder.js'
import type { Db } from './db/db.js'
import { migrate } from './db/migrate.js'
import { openPGlite } from './db/pglite.js'
import { openPostgres } from './db/postgres.js'
import type { Dispatcher } from './dispatch/dispatcher.js'
import { createInProcessDispatcher } from './dispatch/in-process.js'
import type { Logger } from './log.js'
import { type FileStore, openFileStore } from './store/file-store.js'
import type { S3Options } from './store/s3.js'
import type { ObjectStore } from './store/store.js'
import { followClock } from './tasks/clock.js'
import { expireLeases } from './tasks/lease.js'
import { expireRenderings } from './tasks/renderings.js'

/** Database, store and dispatcher, embedded or on servers. */
export interface BackingServices {
  db: Db
  store: ObjectStore
  /** The same store if it is the embedded one, whose signed URLs the API has to serve. */
  fileStore?: FileStore
  dispatcher: Dispatcher
  /** The reserve on the disk of OBSCURA_DATA, if the database or files are stored there. */
  disk?: Reserve
  /** Closes what was opened, in the reverse order. */
  close(): Promise<void>
}

/**
 * Opens database (migrated), store and dispatcher. `publicUrl` is the address of the API for
 * clients: signed URLs of the embedded store start with it.
 * @throws with a message that says what to do, such as when another process has the embedded
 * database open
 */
export async function openBackingServices(config: Config, publicUrl: () => string, log: Logger): Promise<BackingServices> {
  const db = await openDatabase(config, sentence => log.warn(sentence))
  const files = await openStore(config, publicUrl)
  const dispatcher = await createDispatcher(config, log)
  return {
    db,
    ...files,
    dispatcher,
    disk: diskReserve(config, log),
    close: async () => {
      await dispatcher.close()
      await files.store.close()
      await db.close()
    },
  }
}

async function createDispatcher({ REDIS_URL }: Config, log: Logger): Promise<Dispatcher> {
  return REDIS_URL ? (await import('./redis.js')).createBullMQDispatcher(REDIS_URL, log) : createInProcessDispatcher(log)
}

function diskReserve({ DATABASE_URL, S3_ENDPOINT, OBSCURA_DATA: folder, MIN_FREE_DISK_MB }: Config, log: Logger) {
  if (DATABASE_URL && S3_ENDPOINT) return undefined
  const measure = () => freeDisk(folder)
  return createReserve({ resource: 'disk', bytes: MIN_FREE_DISK_MB * 1e6, measure, setting: 'MIN_FREE_DISK_MB' }, log)
}

/**
 * Opens the configured store; see {@link openBackingServices}.
 * @throws DataFolderError, with a database elsewhere not for a full disk
 */
export async function openStore(config: Config, publicUrl: () => string): Promise<Pick<BackingServices, 'store' | 'fileStore'>> {
  const s3 = s3Options(config)
  if (s3) return { store: (await import('./s3.js')).openS3Store(s3) }
  await prepareDataFolder(config.OBSCURA_DATA).catch(error => {
    // The database is elsewhere, and the process that frees space by deleting results must start.
    if (!(config.DATABASE_URL && error instanceof DataFolderError && error.isFull)) throw error
  })
  const fileStore = await openFileStore(join(config.OBSCURA_DATA, 'files'), publicUrl)
  return { store: fileStore, fileStore }
}

/** Connection options for S3, if it is configured. */
export function s3Options(config: Config): S3Options | undefined {
  const { S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config
  if (!endpoint) return undefined
  return {
    endpoint,
    publicEndpoint: config.S3_PUBLIC_ENDPOINT ?? endpoint,
    region: config.S3_REGION,
    bucket: config.S3_BUCKET,
    credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    encryption: config.S3_ENCRYPTION === 'none' ? undefined : { algorithm: config.S3_ENCRYPTION, keyId: config.S3_KMS_KEY_ID },
  }
}

/**
 * Opens the configured database and applies migrations; `onWait` is called with the reason for a
 * delay.
 * @throws FolderLockedError, DatabaseUnavailableError, DataFolderError
 */
export async function openDatabase(config: Config, onWait?: (sentence: string) => void): Promise<Db> {
  const db = await connectDatabase(config, onWait)
  await migrate(db)
  if (!config.DATABASE_URL) {
    await followClock(db)
    await expireLeases(db)
    await expireRenderings(db)
  }
  return db
}

/**
 * Opens the configured database without migrations; `onWait` and errors as for
 * {@link openDatabase}.
 */
export async function connectDatabase(config: Config, onWait?: (sentence: string) => void): Promise<Db> {
  if (config.DATABASE_URL) return openPostgres(config.DATABASE_URL, config.DATABASE_POOL)
  await prepareDataFolder(config.OBSCURA_DATA)
  return openPGlite(join(config.OBSCURA_DATA, 'database'), undefined, { onWait })
}
