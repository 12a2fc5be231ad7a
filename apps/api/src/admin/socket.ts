/**
 * How a program on the same machine reaches a running service, above all `obscura user add` beside the embedded database, which only one
 * process may open: a Unix socket in a folder that only the service's own user may enter. So nobody else can connect, and nobody else can
 * listen there in the place of a service that was killed.
 */
import { chmod, lstat, mkdir, open, rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'

/** Bytes of the longest path of a socket: macOS has 104 with the NUL at its end, Linux 108. */
const MAX_PATH_BYTES = 103

/** The socket cannot be used safely, or not at all; the message says why and what to do. */
export class AdminSocketError extends Error {
  override readonly name = 'AdminSocketError'
}

/** Where the socket of a service on the data folder `data` is. */
export interface AdminSocket {
  /** As short as it has to be; good until `release`. */
  path: string
  release(): Promise<void>
}

const folderOf = (data: string) => resolve(data, 'admin')

/** Makes the folder of the socket, without one that a killed service left behind. @throws AdminSocketError */
export async function prepareAdminSocket(data: string): Promise<AdminSocket> {
  const folder = folderOf(data)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await requireOwn(folder, false)
  await chmod(folder, 0o700)
  await rm(join(folder, 'socket'), { force: true })
  return shortPath(folder)
}

/** @returns undefined when no service was ever started on that data folder @throws AdminSocketError */
export async function findAdminSocket(data: string): Promise<AdminSocket | undefined> {
  const folder = folderOf(data)
  try {
    await requireOwn(folder, true)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return shortPath(folder)
}

/** Requires that nobody but this user, or the owner of the data folder if this is root, could have put a socket there. */
async function requireOwn(folder: string, closed: boolean): Promise<void> {
  const { uid, mode } = await lstat(folder)
  const self = process.getuid?.()
  const owner = self === 0 ? (await lstat(resolve(folder, '..'))).uid : self
  if (uid !== owner && uid !== self)
    throw new AdminSocketError(`${folder} belongs to another user: delete it or run this command as that user.`)
  if (closed && (mode & 0o077) !== 0)
    throw new AdminSocketError(
      `${folder} is accessible to other users. Restart the service, which restricts it, or run: chmod 700 ${folder}`,
    )
}

async function shortPath(folder: string): Promise<AdminSocket> {
  const whole = join(folder, 'socket')
  const path = [whole, relative(process.cwd(), whole)].find(path => Buffer.byteLength(path) <= MAX_PATH_BYTES)
  if (path !== undefined) return { path, release: async () => {} }
  if (process.platform !== 'linux')
    throw new AdminSocketError(
      `The path ${whole} is too long for a Unix socket (${MAX_PATH_BYTES} bytes): set OBSCURA_DATA to a folder with a shorter path.`,
    )
  // Linux finds an open folder under its number.
  const opened = await open(folder)
  return { path: `/proc/self/fd/${opened.fd}/socket`, release: () => opened.close() }
}
