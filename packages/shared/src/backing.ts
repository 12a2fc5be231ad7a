/** The backing services as the settings choose them: each one embedded by default. */
import { join } from 'node:path'
import type { Config } from './config/config.js'
import type { Db } from './db/db.js'
import { migrate } from './db/migrate.js'
import { openPGlite } from './db/pglite.js'
import { openPostgres } from './db/postgres.js'
import type { Dispatcher } from './dispatch/dispatcher.js'
import { createInProcessDispatcher } from './dispatch/in-process.js'
import type { Logger } from './log.js'
import { type FileStore, openFileStore } from './store/file-store.js'
import type { ObjectStore } from './store/store.js'

export interface Backing {
  db: Db
  store: ObjectStore
  /** The same store when it is the embedded one, whose signed URLs the API has to serve. */
  fileStore?: FileStore
  dispatcher: Dispatcher
  /** Closes what was opened, in the reverse order. */
  close(): Promise<void>
}

/**
 * Opens database (migrated), store and dispatcher. `publicUrl` is where clients reach the API: signed URLs of the embedded store start with it.
 * @throws with a message that says what to do, such as when another process has the embedded database open
 */
export async function openBacking(config: Config, publicUrl: () => string, log: Logger): Promise<Backing> {
  const db = await openDatabase(config)
  const fileStore = await openFileStore(join(config.OBSCURA_DATA, 'files'), publicUrl)
  const dispatcher = createInProcessDispatcher(log)
  return {
    db,
    store: fileStore,
    fileStore,
    dispatcher,
    close: async () => {
      await dispatcher.stop()
      await fileStore.close()
      await db.close()
    },
  }
}

/** Opens the database that the settings choose, with its tables up to date. @throws FolderLockedError */
export async function openDatabase(config: Config): Promise<Db> {
  const db = config.DATABASE_URL
    ? await openPostgres(config.DATABASE_URL, config.DATABASE_POOL)
    : await openPGlite(join(config.OBSCURA_DATA, 'database'))
  await migrate(db)
  return db
}
