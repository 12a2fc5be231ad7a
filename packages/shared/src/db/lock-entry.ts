/**
 * A process's entry in a lock folder: a file whose name says who made it, and which shows whether that process lives. On the same kernel
 * it is a listening Unix socket: the kernel closes that when the process ends, however it ends, and lets others connect even while the
 * process is blocked, whatever namespaces the two are in. Pids prove nothing, since each container counts its own.
 */
import { createHash, randomBytes } from 'node:crypto'
import { close as closeFile, openSync, readFileSync } from 'node:fs'
import { chmod, open, rm, stat } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Who made an entry, as its name says. */
export interface Holder {
  /** As its own namespace counts. */
  pid: number
  host: string
  /** Which kernel and file system it saw: where these are ours, its socket tells whether it lives. */
  place: string
}

export interface Entry {
  name: string
  /** Moves the entry's time of change (ctime), which the file system sets by its own clock: for those who cannot ask its socket. */
  touch(): Promise<void>
  remove(): Promise<void>
}

/** Bytes of a socket's path that every system takes. Names are short for its sake. */
const MAX_PATH = 103
const NAME = /^([0-9a-f]{8})\.(\d+)\.(.*)\.[0-9a-f]{8}$/

/** Adds an entry of this process under a name that is never used again. @throws when the folder is not there or cannot be written */
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

/** @returns undefined for a file that is no entry */
export function holderOf(name: string): Holder | undefined {
  const match = NAME.exec(name)
  return match ? { place: match[1], pid: Number(match[2]), host: match[3] } : undefined
}

/** Whether the process of an entry lives. @returns undefined where the entry cannot tell: another kernel, or no sockets there */
export async function lives(folder: string, name: string): Promise<boolean | undefined> {
  if (holderOf(name)?.place !== (await placeOf(folder))) return undefined
  const info = await stat(join(folder, name)).catch(() => undefined)
  if (!info) return false
  return info.isSocket() ? answers(folder, name) : undefined
}

interface Socket {
  close(): Promise<void>
}

/** @returns undefined where the system or the file system has no such sockets */
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

/** Whether a process listens there. Whoever is too busy to take more connections does. */
function answers(folder: string, name: string): Promise<boolean | undefined> {
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

// Folders may have longer paths than sockets: on Linux an open folder has a short one as well.
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
