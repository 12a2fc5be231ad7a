/**
 * The entry of a process in a lock folder: a file whose name identifies its creator, and which
 * shows whether that process is alive. On the same kernel it is a listening Unix socket: the kernel
 * closes it when the process ends, for whatever reason, and lets others connect even while the
 * process is blocked, across namespaces. Process IDs are not enough, since each container has its
 * own.
 */
import { createHash, randomBytes } from 'node:crypto'
import { close as closeFile, openSync, readFileSync } from 'node:fs'
import { chmod, open, rm, stat } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** The creator of an entry, from its name. */
export interface Holder {
  /** In its own pid namespace. */
  pid: number
  host: string
  /** Its kernel and file system: if they are ours too, its socket shows whether it is alive. */
  place: string
}

/** The file that names the process that uses a folder. */
export interface Entry {
  name: string
  /**
   * Updates the change time (ctime) of the entry, which the file system sets by its own clock, for
   * processes that cannot use the socket.
   */
  touch(): Promise<void>
  remove(): Promise<void>
}

/** Length of a socket path in bytes that every system accepts; the reason for short names. */
const MAX_PATH = 103
const NAME = /^([0-9a-f]{8})\.(\d+)\.(.*)\.[0-9a-f]{8}$/

/**
 * Adds an entry of this process under a unique name.
 * @throws when the folder is missing or not writable
 */
export async function addEntry(folder: string): Promise<Entry> {
  const host = hostname()
    .replace(/[^\w.-]/g, '_')
    .slice(0, 16)
  const name = [await placeOf(folder), process.pid, host, randomBytes(4).toString('hex')].join('.')
  const file = join(folder, name)
  const socket = await listen(folder, name)
  if (!socket) await (await open(file, 'wx', 0o600)).close()
  return {
    name,
    touch: () => chmod(file, 0o600),
    async remove() {
      await rm(file, { force: true })
      await socket?.close()
    },
  }
}

/** @returns undefined for other files */
export function holderOf(name: string): Holder | undefined {
  const match = NAME.exec(name)
  return match ? { place: match[1], pid: Number(match[2]), host: match[3] } : undefined
}

/**
 * Whether the process of an entry is alive.
 * @returns undefined if unknown: another kernel, or no sockets
 */
export async function lives(folder: string, name: string): Promise<boolean | undefined> {
  if (holderOf(name)?.place !== (await placeOf(folder))) return undefined
  const info = await stat(join(folder, name)).catch(() => undefined)
  if (!info) return false
  return info.isSocket() ? isListening(folder, name) : undefined
}

interface Socket {
  close(): Promise<void>
}

/** @returns undefined where the system or the file system does not support Unix sockets */
async function listen(folder: string, name: string): Promise<Socket | undefined> {
  const { path, close } = shortPath(folder, name)
  const server = createServer(socket => socket.destroy())
  if (!(await listening(server, path))) {
    close()
    return undefined
  }
  server.unref()
  return {
    close: async () => {
      await new Promise(closed => server.close(closed))
      close()
    },
  }
}

function listening(server: Server, path: string): Promise<boolean> {
  return new Promise(resolve => {
    if (process.platform === 'win32' || Buffer.byteLength(path) > MAX_PATH) return resolve(false)
    server.once('error', () => resolve(false))
    server.listen({ path, exclusive: true }, () => resolve(true))
  })
}

/** Whether a process is listening; a full backlog counts as listening. */
function isListening(folder: string, name: string): Promise<boolean | undefined> {
  const { path, close } = shortPath(folder, name)
  const asking = connect({ path })
  const asked = new Promise<boolean | undefined>(resolve => {
    asking.once('connect', () => resolve(true))
    asking.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false)
      else resolve(code === 'EAGAIN' ? true : undefined)
    })
  })
  return asked.finally(() => {
    asking.destroy()
    close()
  })
}

// Folders may have longer paths than sockets: on Linux an open folder also has a short path.
function shortPath(folder: string, name: string): { path: string; close: () => void } {
  if (process.platform !== 'linux') return { path: join(folder, name), close: () => undefined }
  const descriptor = openSync(folder, 'r')
  return { path: `/proc/self/fd/${descriptor}/${name}`, close: () => closeFile(descriptor) }
}

async function placeOf(folder: string): Promise<string> {
  const { dev } = await stat(folder)
  return createHash('sha256').update(`${kernel()} ${dev}`).digest('hex').slice(0, 8)
}

function kernel(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  } catch {
    return hostname()
  }
}
