import { randomUUID } from 'node:crypto'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** The folder OBSCURA_DATA cannot be used; the message says why and what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError'

  /** Nothing is wrong but that space is missing; what is there can be used. */
  get isFull(): boolean {
    return ['ENOSPC', 'EDQUOT'].includes((this.cause as NodeJS.ErrnoException | undefined)?.code ?? '')
  }
}

const ADVICE = 'Give this user access to it, or set OBSCURA_DATA to another folder.'
const REASONS: Record<string, string> = {
  EACCES: `is not accessible to this user. ${ADVICE}`,
  EPERM: `is not accessible to this user. ${ADVICE}`,
  EROFS: 'is on a read-only file system. Set OBSCURA_DATA to another folder.',
  EEXIST: 'is not a folder. Set OBSCURA_DATA to another folder.',
  ENOTDIR: 'is not a folder. Set OBSCURA_DATA to another folder.',
  ENOENT: 'cannot be created on this file system. Set OBSCURA_DATA to another folder.',
  ENOSPC: 'is on a full disk. Free some space, or set OBSCURA_DATA to another folder.',
  EDQUOT: 'is on a full disk. Free some space, or set OBSCURA_DATA to another folder.',
}

/** Bytes that are written to find out whether the disk is full. */
const TEST_BYTES = 64 * 1024

/**
 * Creates the folder of the embedded database and file store if it is missing, and makes sure that
 * files can be written there.
 * @throws DataFolderError
 */
export async function prepareDataFolder(folder: string): Promise<void> {
  const file = join(folder, `.test-${randomUUID()}`)
  try {
    await create(resolve(folder))
    await writeFile(file, new Uint8Array(TEST_BYTES), { mode: 0o600 })
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new DataFolderError(`The folder ${folder} ${REASONS[code] ?? `cannot be used (${message}). ${ADVICE}`}`, {
      cause: error,
    })
  } finally {
    await rm(file, { force: true }).catch(() => undefined)
  }
}

/**
 * Creates a folder and its parents. Node.js' recursive mkdir never ends where a file system has
 * a folder but refuses to create anything in it with ENOENT, as /proc does.
 */
async function create(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (found?.isDirectory()) return
  if (!found) await create(dirname(folder))
  await mkdir(folder, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
    // Another process may have created it.
    const now = error.code === 'EEXIST' ? await stat(folder).catch(() => undefined) : undefined
    if (!now?.isDirectory()) throw error
  })
}
