import { mkdir } from 'node:fs/promises'
import { PGlite, types } from '@electric-sql/pglite'
import { freeDisk } from '../capacity/disk.js'
import { DatabaseUnavailableError, type Db } from './db.js'
import { type LockOptions, lockFolder } from './folder-lock.js'
import { asStatementError } from './statement-error.js'
import { createYieldingQueue } from './yielding-queue.js'

/**
 * Opens the embedded database: PostgreSQL as a library, in a folder, or in memory when none is
 * given. PGlite itself would let two processes open the same folder and lose data, so a lock beside
 * the folder prevents this. A new database starts with the given files (a PGlite dump), or empty.
 * @throws FolderLockedError, DatabaseUnavailableError
 */
export async function openPGlite(folder?: string, files?: Blob, locking?: LockOptions): Promise<Db> {
  if (folder !== undefined) await mkdir(folder, { recursive: true, mode: 0o700 })
  const lock = folder === undefined ? undefined : await lockFolder(folder, locking)
  try {
    const pglite = await PGlite.create({ dataDir: folder, loadDataDir: files, parsers: { [types.INT8]: Number } })
    const inTurn = createYieldingQueue()
    return {
      query: (sql, parameters) => inTurn(() => rows(pglite, sql, parameters)),
      transaction: work =>
        inTurn(() => pglite.transaction(tx => work({ query: (sql, parameters) => rows(tx, sql, parameters) })))
          // An error of the commit itself; errors of `work` are passed on.
          .catch(error => {
            throw 'severity' in error ? asStatementError(error) : error
          }),
      close: async () => {
        await pglite.close()
        await lock?.release()
      },
    }
  } catch (error) {
    await lock?.release()
    throw new DatabaseUnavailableError(`The embedded database in ${folder} cannot be opened${await explain(error, folder)}`, {
      cause: error,
    })
  }
}

/** Bytes that a start may write, in files of the write-ahead log of 16 MB each. */
const START_BYTES = 50e6

/** Errors of PGlite's file system have numbers of their own, and no message. */
async function explain(error: unknown, folder = '.'): Promise<string> {
  const free = await freeDisk(folder).catch(() => Number.POSITIVE_INFINITY)
  const reason = error instanceof Error && error.message ? `: ${error.message}` : ''
  if (free < START_BYTES) {
    return `: its disk is full or nearly so (${Math.floor(free / 1e6)} MB free). Free some space. The database says${reason || ': nothing'}.`
  }
  return `${reason}. Restore it from a backup, or move it away to start with an empty one.`
}

async function rows<Row>(on: Pick<PGlite, 'query'>, sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
  const result = await on.query<Row>(sql, parameters as unknown[] | undefined).catch((error: unknown) => {
    throw asStatementError(error)
  })
  return result.rows
}
