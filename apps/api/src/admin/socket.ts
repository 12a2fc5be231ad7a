/**
 * How a program on the same machine reaches a running service, such as `obscura user add` with the
 * embedded database, which only one process can open: a Unix socket in a folder that only the user
 * of the service may enter. Nobody else can connect to it, or listen in its place after the service
 * was killed.
 */
import { chmod, lstat, mkdir, open, rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'

/** Maximum length of a socket path in bytes: 104 including the final NUL on macOS, 108 on Linux. */
const MAX_PATH_BYTES = 103

/** The socket is unsafe or unusable; the message says why and what to do. */
export class AdminSocketError extends Error {
  override readonly name = 'AdminSocketError'
}

/** The path of the socket of a service with the data folder `data`. */
export interface AdminSocket {
  /** A path short enough for a socket; valid until `release`. */
  path: string
  release(): Promise<void>
}

const folderOf = (data: string) => resolve(data, 'admin')

/**
 * Creates the folder of the socket and removes a socket left by a killed service.
 * @throws AdminSocketError
 */
export async function prepareAdminSocket(data: string): Promise<AdminSocket> {
  const folder = folderOf(data)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await requireOwn(folder, false)
  await chmod(folder, 0o700)
  await rm(join(folder, 'socket'), { force: true })
  return shortPath(folder)
}

/**
 * @returns undefined when no service has been started with that data folder
 * @throws AdminSocketError
 */
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

/**
 * Checks that only this user, or for root the owner of the data folder, could have created a socket
 * there.
 */
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
  // Linux offers an open folder under its descriptor number.
  const opened = await open(folder)
  return { path: `/proc/self/fd/${opened.fd}/socket`, release: () => opened.close() }
}
